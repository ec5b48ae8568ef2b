import type { Database } from '../database/database.ts';
import type { DatabaseLog } from '../database/log.ts';
import { cutoff } from './deleting.ts';
import { applyRetention, type RetentionLimits } from './retention.ts';

const HOUR_MS = 3_600_000;

/** Keeps what is stored within the person's limits, in the background, once an hour. */
export class RetentionUpkeep {
  readonly #database: Database;
  readonly #limits: () => Promise<RetentionLimits>;
  readonly #log: DatabaseLog;
  readonly #alsoBefore: (time: string) => Promise<unknown>;
  readonly #stop = new AbortController();
  #work: Promise<void> = Promise.resolve();
  #lastRun = Number.NEGATIVE_INFINITY;

  /**
   * @param limits asked for at each run: the person may have changed them
   * @param alsoBefore removes what is kept elsewhere from before a time, ISO 8601
   */
  constructor(
    database: Database,
    limits: () => Promise<RetentionLimits>,
    log: DatabaseLog,
    alsoBefore: (time: string) => Promise<unknown>,
  ) {
    this.#database = database;
    this.#limits = limits;
    this.#log = log;
    this.#alsoBefore = alsoBefore;
  }

  /** Begins a run in the background when the last one was begun an hour ago; `now` in ms. */
  beat(now: number = Date.now()): void {
    if (this.#stop.signal.aborted || now - this.#lastRun < HOUR_MS) return;
    this.#lastRun = now;
    this.#work = this.#work
      .then(() => this.#run())
      .catch((error: Error) => {
        this.#log.error({ reason: error.message }, 'retention failed');
      });
  }

  /** Ends after the step under way. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#work;
  }

  async #run(): Promise<void> {
    const limits = await this.#limits();
    if (limits.maxAgeDays === null && limits.maxBytes === null) return;
    if (limits.maxAgeDays !== null) await this.#alsoBefore(cutoff(limits.maxAgeDays));
    const done = await applyRetention(this.#database, limits, this.#stop.signal);
    if (done.messages > 0) this.#log.info(done, 'turns beyond the retention were deleted');
  }
}
