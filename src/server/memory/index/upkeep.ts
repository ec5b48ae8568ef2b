import type { Database } from '../../database/database.ts';
import type { DatabaseLog } from '../../database/log.ts';
import { indexBacklog, reindex } from './store.ts';

/** Messages between two lines of progress in the log. */
const REPORT_EVERY = 10_000;

/** Brings the index up to date in the background, after an update of Turnkeep or a restore. */
export class MemoryUpkeep {
  readonly #database: Database;
  readonly #log: DatabaseLog;
  readonly #stop = new AbortController();
  #work: Promise<void> = Promise.resolve();

  constructor(database: Database, log: DatabaseLog) {
    this.#database = database;
    this.#log = log;
  }

  /** Begins, after a run under way; what an earlier run has left is gone on with. */
  start(): void {
    this.#work = this.#work
      .then(() => this.#run())
      .catch((error: Error) => {
        this.#log.error({ reason: error.message }, 'memory index not brought up to date');
      });
  }

  /** Ends after the step under way. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#work;
  }

  async #run(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const { behind, total } = await indexBacklog(this.#database);
    if (behind === 0) return;
    this.#log.info({ behind, total }, 'memory index is made');
    let reported = 0;
    const done = await reindex(this.#database, {
      signal: this.#stop.signal,
      onProgress: (count) => {
        if (count - reported < REPORT_EVERY) return;
        reported = count;
        this.#log.info({ done: count, behind }, 'memory index is made');
      },
    });
    this.#log.info({ done, behind }, 'memory index made');
  }
}
