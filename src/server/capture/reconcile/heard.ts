import type { HookObservation } from '../intake/payloads/fields.ts';
import type { Expected } from './expected.ts';

const MOST_KEPT = 200;

/** What hooks said last in each conversation: the transcript is up to date once it holds it. */
export class Heard {
  private readonly last = new Map<string, Expected>();

  /** Takes an event in; gives the turn as it is known by then. */
  add({ agent, conversation, turn, end }: HookObservation): Expected {
    const key = `${agent}/${conversation}`;
    const before = this.last.get(key) ?? { prompt: null, answer: null };
    const prompt = turn?.prompt?.text ?? null;
    const answer = turn?.answers.at(-1)?.text ?? end?.answer ?? null;
    const now: Expected =
      prompt === null ? { ...before, answer: answer ?? before.answer } : { prompt, answer };
    this.last.delete(key);
    // What ends a turn ends what is expected of it.
    if (!end) this.last.set(key, now);
    for (const old of this.last.keys()) {
      if (this.last.size <= MOST_KEPT) break;
      this.last.delete(old);
    }
    return now;
  }
}
