import type { Figures } from '../../../contracts/modelPerformance.ts';
import type { Model } from '../../../contracts/models.ts';
import { lastDays, talliesOf } from '../calls/reading.ts';
import { Tally } from '../calls/tally.ts';
import { matching } from '../listing.ts';
import { modelOf, type Read } from '../rows.ts';

export const DAY_SECONDS = 86_400;
const DAY_MS = DAY_SECONDS * 1000;

const none = new Tally().figures();

/** What rules look at: the models, their figures over some times, and when each was last called. */
export class Subjects {
  readonly now: number;
  readonly models: Model[];
  readonly #figures: Map<number, Map<string, Figures>>;
  readonly #lastDays: Map<string, string>;

  constructor(
    now: number,
    models: Model[],
    figures: Map<number, Map<string, Figures>>,
    last: Map<string, string>,
  ) {
    this.now = now;
    this.models = models;
    this.#figures = figures;
    this.#lastDays = last;
  }

  /** @param windows lengths of time in seconds that the rules ask for */
  static async read(read: Read, windows: Iterable<number>, now: number): Promise<Subjects> {
    const rows = await matching(read, { active: true }).execute();
    const figures = new Map<number, Map<string, Figures>>();
    for (const window of new Set(windows)) {
      const { tallies } = await talliesOf(read, { since: now - window * 1000, until: now }, now);
      figures.set(window, new Map([...tallies].map(([id, tally]) => [id, tally.figures()])));
    }
    return new Subjects(now, rows.map(modelOf), figures, await lastDays(read, 0));
  }

  /** Of the calls in the last `window` seconds, which is one of those that were read. */
  figures(model_id: string, window: number): Figures {
    return this.#figures.get(window)?.get(model_id) ?? none;
  }

  /** Last day with a call, YYYY-MM-DD in UTC. */
  lastDay(model_id: string): string | null {
    return this.#lastDays.get(model_id) ?? null;
  }

  /** Whole days since a date (YYYY-MM-DD) or moment; less than 0 for one to come. */
  daysSince(date: string): number {
    return Math.floor((this.now - Date.parse(date)) / DAY_MS);
  }
}
