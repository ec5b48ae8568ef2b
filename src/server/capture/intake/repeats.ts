import { digest, type HookObservation } from './payloads/fields.ts';

/** An event that was understood: its id, and its time in ISO 8601 in UTC. */
export type SeenEvent = { observation: HookObservation; event: string; at: string };

/** The same of one conversation within this time is one event that came by two hooks. */
const MOMENT_MS = 3000;
const MOST_KEPT = 2000;

type Seen = { event: string; time: number };

/**
 * Tells events that come twice: the same hook may be installed for the person and in the project,
 * or in a file that two programs read. An event that was taken in before, under its own id, is no
 * repeat: storing it again is harmless.
 */
export class Repeats {
  private readonly seen = new Map<string, Seen>();

  /** Looks at the events of one batch; what it has seen holds for later ones after `keep`. */
  begin(): { add: (event: SeenEvent) => boolean; keep: () => void } {
    const batch = new Map<string, Seen>();
    return {
      /** True when it is a repeat. */
      add: (one) => {
        if (!one.observation.turn) return false;
        const key = keyOf(one.observation);
        const before = batch.get(key) ?? this.seen.get(key);
        const time = Date.parse(one.at);
        const isNear = before !== undefined && Math.abs(time - before.time) <= MOMENT_MS;
        if (isNear && before.event !== one.event) return true;
        batch.set(key, { event: one.event, time });
        return false;
      },
      keep: () => {
        for (const [key, value] of batch) {
          this.seen.delete(key);
          this.seen.set(key, value);
        }
        for (const key of this.seen.keys()) {
          if (this.seen.size <= MOST_KEPT) break;
          this.seen.delete(key);
        }
      },
    };
  }
}

/** What two events have in common that are one. */
function keyOf({ agent, conversation, kind, turn }: HookObservation): string {
  const ids = turn?.refs.filter((ref) => !ref.startsWith('event:'));
  const said = [turn?.prompt?.text, turn?.answers.map(({ text }) => text)];
  return digest(
    JSON.stringify([agent, conversation, kind, ids, said, turn?.status, turn?.facts.files]),
  );
}
