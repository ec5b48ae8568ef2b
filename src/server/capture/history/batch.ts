import { setImmediate } from 'node:timers/promises';
import { isRefusal, toTurnkeepError } from '../../../contracts/errors.ts';
import type { ObservedConversation } from '../../../contracts/observed.ts';
import { storeObserved } from '../../conversations/service.ts';
import type { HistoryDeps } from './deps.ts';
import { noteReadings, type Reading } from './sourceRows.ts';
import type { Tally } from './tally.ts';

/** One write holds up captures for as long as it takes: well below a second. */
const TURNS = 250;
const CHARACTERS = 1_000_000;
const READINGS = 200;

type How = Pick<Parameters<typeof storeObserved>[3], 'again' | 'quiet'>;
type Waiting = { conversation: ObservedConversation; file: string };

/** Collects conversations and stores them some at a time, so that others get their turn between. */
export class Batch {
  readonly #deps: HistoryDeps;
  readonly #tally: Tally;
  readonly #how: How;
  #waiting: Waiting[] = [];
  #readings: Reading[] = [];
  #turns = 0;
  #characters = 0;

  /** @param how whether also what was deleted before, and whether webhooks are told */
  constructor(deps: HistoryDeps, tally: Tally, how: How) {
    this.#deps = deps;
    this.#tally = tally;
    this.#how = how;
  }

  /** Takes one more, which comes from `file`; stores what waits when it is enough. */
  async add(conversation: ObservedConversation, file: string): Promise<void> {
    this.#waiting.push({ conversation, file });
    this.#turns += conversation.turns.length;
    this.#characters += charactersOf(conversation);
    if (this.#turns >= TURNS || this.#characters >= CHARACTERS) await this.flush();
  }

  /** Notes a source as read once everything of it that was added is stored. */
  async end(reading: Reading): Promise<void> {
    this.#readings.push(reading);
    if (this.#readings.length >= READINGS) await this.flush();
  }

  /** Stores what waits. A conversation that is refused is a problem of its own, not of the others. */
  async flush(): Promise<void> {
    const waiting = this.#waiting;
    const readings = this.#readings;
    this.#waiting = [];
    this.#readings = [];
    this.#turns = 0;
    this.#characters = 0;
    if (waiting.length === 0 && readings.length === 0) return;
    try {
      await this.#store(waiting, readings);
    } catch (thrown) {
      if (!isRefusal(toTurnkeepError(thrown).code)) throw thrown;
      for (const one of waiting) await this.#storeAlone(one);
      await this.#store([], readings);
    }
    // Requests that came meanwhile are answered before the next write begins.
    await setImmediate();
  }

  async #storeAlone(one: Waiting): Promise<void> {
    try {
      await this.#store([one], []);
    } catch (thrown) {
      const { code, message } = toTurnkeepError(thrown);
      if (!isRefusal(code)) throw thrown;
      this.#tally.problem({ file: one.file, at: one.conversation.conversation, reason: message });
    }
  }

  async #store(waiting: readonly Waiting[], readings: readonly Reading[]): Promise<void> {
    const { database, person, observed } = this.#deps;
    const conversations = waiting.map(({ conversation }) => conversation);
    if (conversations.length === 0) {
      await database.write((tx) => noteReadings(tx, readings));
      return;
    }
    const outcome = await storeObserved(database, person, conversations, {
      ...observed,
      ...this.#how,
      also: (tx) => noteReadings(tx, readings),
    });
    this.#tally.stored(outcome);
    this.#tally.conversations += conversations.length;
  }
}

function charactersOf({ turns }: ObservedConversation): number {
  let sum = 0;
  for (const { prompt, answers } of turns) {
    sum += prompt?.text.length ?? 0;
    for (const { text } of answers) sum += text.length;
  }
  return sum;
}
