import type { ModelCall } from '../../../contracts/models.ts';
import type { Database } from '../../database/database.ts';
import type { DatabaseLog } from '../../database/log.ts';
import { writeCalls } from './writing.ts';

/** Calls are written this long after the first of them, or when there are so many. */
const WITHIN_MS = 1000;
const ENOUGH = 500;
/** Calls in one write: captures wait for no longer than this takes. */
const BATCH = 2000;
/** Calls that wait while the database does not answer; beyond that the oldest go. */
const MOST_WAITING = 50_000;
const AGAIN_MS = 5000;

/**
 * Records calls a moment after they were made, many in one write: a call never waits for it. What
 * was recorded in the last second is lost when the process is killed.
 */
export class CallRecorder {
  readonly #database: Database;
  readonly #log: DatabaseLog;
  readonly #onWritten: (calls: ModelCall[]) => Promise<void>;
  #waiting: ModelCall[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isWriting = false;
  #dropped = 0;

  /** @param onWritten told of the calls that were new */
  constructor(
    database: Database,
    log: DatabaseLog,
    onWritten: (calls: ModelCall[]) => Promise<void>,
  ) {
    this.#database = database;
    this.#log = log;
    this.#onWritten = onWritten;
  }

  add(...calls: ModelCall[]): void {
    this.#waiting.push(...calls);
    const excess = this.#waiting.length - MOST_WAITING;
    if (excess > 0) {
      this.#waiting.splice(0, excess);
      this.#dropped += excess;
    }
    if (this.#waiting.length >= ENOUGH) this.#begin();
    else this.#later(WITHIN_MS);
  }

  /** Resolves when there is room for many more: at once, unless writing is far behind. */
  async room(): Promise<void> {
    if (this.#waiting.length > MOST_WAITING / 10) await this.flush();
  }

  /** Resolves when all that was added is written, or could not be. */
  async flush(): Promise<void> {
    this.#begin();
    await this.#writing;
  }

  /** Writes what waits and begins nothing any more. */
  async close(): Promise<void> {
    await this.flush();
    clearTimeout(this.#timer);
  }

  #later(ms: number): void {
    if (this.#timer || this.#isWriting) return;
    this.#timer = setTimeout(() => this.#begin(), ms).unref();
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isWriting) return;
    this.#isWriting = true;
    this.#writing = this.#write().finally(() => {
      this.#isWriting = false;
    });
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH);
      try {
        const written = await this.#database.write((tx) => writeCalls(tx, batch));
        await this.#onWritten(written);
      } catch (error) {
        this.#waiting.unshift(...batch);
        this.#log.error({ reason: (error as Error).message }, 'calls of models not recorded yet');
        this.#timer = setTimeout(() => this.#begin(), AGAIN_MS).unref();
        return;
      }
    }
    if (this.#dropped === 0) return;
    this.#log.warn({ dropped: this.#dropped }, 'calls of models were not recorded');
    this.#dropped = 0;
  }
}
