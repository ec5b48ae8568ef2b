import type { SeenModel } from '../../contracts/conversations.ts';
import type { Log } from '../platform/logging.ts';

/** Counting that takes no longer is done each time. */
const QUICK_MS = 30;
/** Deleted turns change no last use: counted again after so long in any case. */
const OLD_MS = 5 * 60_000;

export type TurnUses = { turn_count: number; last_used_at: string };
type Parts = {
  /** Names with their last use: quick, however much is stored. */
  uses: () => Promise<Map<string, string>>;
  /** Names with their turns: slow where much is stored. */
  count: () => Promise<SeenModel[]>;
  log: Log;
  /** A clock in milliseconds. */
  now: () => number;
};
type Counted = {
  turns: Map<string, number>;
  /** What the last uses were when the counting began. */
  uses: string;
  at: number;
  tookMs: number;
};

/**
 * How many turns each model has answered. A large store is counted in the background once the counts
 * are there; until that is done the last use is of now, and the count that of before.
 */
export class TurnCounts {
  readonly #parts: Parts;
  #counted: Counted | null = null;
  #counting: Promise<Counted> | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Turns and last use by the model's name. */
  async get(): Promise<Map<string, TurnUses>> {
    const uses = await this.#parts.uses();
    const { turns } = await this.#counts(uses);
    return new Map(
      [...uses].map(([name, last_used_at]) => {
        return [name, { turn_count: turns.get(name) ?? 0, last_used_at }];
      }),
    );
  }

  /** Other data is in place: what was counted does not hold. */
  forget(): void {
    this.#counted = null;
  }

  /** Resolves when nothing is counted any more. */
  async settled(): Promise<void> {
    await this.#counting?.catch(() => {});
  }

  async #counts(uses: Map<string, string>): Promise<Counted> {
    const known = this.#counted;
    const isQuick = known === null || known.tookMs <= QUICK_MS;
    if (isQuick || [...uses.keys()].some((name) => !known.turns.has(name))) {
      return this.#count(uses);
    }
    if (known.uses !== textOf(uses) || this.#parts.now() - known.at > OLD_MS) {
      this.#count(uses).catch((error: Error) => {
        this.#parts.log.warn({ reason: error.message }, 'turns of models not counted');
      });
    }
    return known;
  }

  /** Counts; whoever asks meanwhile waits for the same. */
  #count(uses: Map<string, string>): Promise<Counted> {
    this.#counting ??= this.#countNow(textOf(uses)).finally(() => {
      this.#counting = null;
    });
    return this.#counting;
  }

  async #countNow(uses: string): Promise<Counted> {
    const began = this.#parts.now();
    const seen = await this.#parts.count();
    const turns = new Map(seen.map(({ model, turn_count }) => [model, turn_count]));
    const tookMs = this.#parts.now() - began;
    this.#counted = { turns, uses, at: began, tookMs };
    return this.#counted;
  }
}

function textOf(uses: Map<string, string>): string {
  return JSON.stringify([...uses]);
}
