import { setTimeout } from 'node:timers/promises';
import { hasHotJournal, ReadFile, stateOf } from './files.ts';
import { HEADER_BYTES, parseHeader } from './header.ts';
import { Pages } from './pages.ts';
import { corrupt, StoreError } from './problem.ts';
import {
  type Frames,
  isSameLog,
  type LogState,
  openLog,
  readFrame,
  readTransactions,
} from './writeAheadLog.ts';

const TRIES = 6;
const PAUSE_MS = 30;

type Log = { state: LogState; frames: Frames };
type Files = { database: ReadFile; log: ReadFile | null };
type Moment = { pages: Pages; log: Log | null; before: string };

/**
 * An SQLite database that another program may be writing, read without a lock and without leaving
 * a trace: SQLite's own reader would create or change files beside it.
 *
 * What is read comes from one moment, the last whole transaction when reading began. The log keeps
 * later transactions apart; a checkpoint may bring their pages into the database file, so reading
 * ends with a look whether a page that was taken from there has changed since. Then it is all
 * thrown away and read again.
 */
export class Store {
  readonly path: string;
  readonly #pauseMs: number;
  #log: Log | null = null;

  constructor(path: string, options: { pauseMs?: number } = {}) {
    this.path = path;
    this.#pauseMs = options.pauseMs ?? PAUSE_MS;
  }

  /**
   * Runs `work` on the pages of one moment and gives what it gives. It may run several times.
   * @throws StoreError `busy` when the store changes all the time or a write was broken off,
   *   `corrupt` or `unsupported` when it cannot be read; what `work` throws for other reasons.
   */
  async read<T>(work: (pages: Pages) => Promise<T> | T): Promise<T> {
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const files = this.#open();
      try {
        const outcome = await this.#attempt(files, work);
        if (outcome) return outcome.value;
      } finally {
        files.database.close();
        files.log?.close();
      }
      await setTimeout(this.#pauseMs * attempt);
    }
    throw new StoreError(
      'busy',
      hasHotJournal(this.path)
        ? 'A write to the store was broken off: opening Cursor mends it. It is read again later.'
        : 'The store was written to all the time while it was read. It is read again later.',
    );
  }

  /** Null when the store changed underneath, so that nothing that was read counts. */
  async #attempt<T>(
    files: Files,
    work: (pages: Pages) => Promise<T> | T,
  ): Promise<{ value: T } | null> {
    if (hasHotJournal(this.path)) return null;
    let moment: Moment | undefined;
    try {
      moment = await this.#begin(files);
      const value = await work(moment.pages);
      return (await this.#stillHolds(files, moment)) ? { value } : null;
    } catch (error) {
      const held = moment ? await this.#stillHolds(files, moment) : await this.#isQuiet(files);
      if (!held) return null;
      throw error instanceof RangeError ? corrupt('a length in it is not possible.') : error;
    }
  }

  #open(): Files {
    const database = this.#openFile(this.path);
    if (!database) throw new StoreError('unsupported', 'The store is not there any more.');
    try {
      return { database, log: this.#openFile(`${this.path}-wal`) };
    } catch (error) {
      database.close();
      throw error;
    }
  }

  #openFile(path: string): ReadFile | null {
    try {
      return ReadFile.open(path);
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
      throw new StoreError('busy', `The store cannot be opened for reading${code}.`);
    }
  }

  async #begin(files: Files): Promise<Moment> {
    const before = statesOf(files);
    const log = await this.#readLog(files.log);
    const first = Buffer.alloc(HEADER_BYTES);
    files.database.read(first, 0);
    const firstFrame = log?.frames.get(1);
    if (log && files.log && firstFrame !== undefined) {
      readFrame(files.log, log.state, firstFrame, 1, first);
    }
    const header = parseHeader(first);
    if (log && log.frames.size > 0 && log.state.pageSize !== header.pageSize) {
      throw corrupt('its write-ahead log has pages of another size.');
    }
    const count = log?.state.databasePages || Math.floor(files.database.bytes / header.pageSize);
    const overlay = log && files.log ? { file: files.log, ...log } : null;
    return { pages: new Pages(files.database, overlay, header, count), log, before };
  }

  /** The log as it is now; only what was added since the last look is read. */
  async #readLog(file: ReadFile | null): Promise<Log | null> {
    if (this.#log && !(file && isSameLog(file, this.#log.state))) this.#log = null;
    if (!file) return null;
    if (!this.#log) {
      const state = openLog(file);
      if (!state) return null;
      this.#log = { state, frames: new Map() };
    }
    const added = await readTransactions(file, this.#log.state);
    for (const [page, frame] of added) this.#log.frames.set(page, frame);
    return this.#log;
  }

  /** Whether every page that was read is as it was at that moment. */
  async #stillHolds(files: Files, { pages, log, before }: Moment): Promise<boolean> {
    if (hasHotJournal(this.path)) return false;
    if (!log) return this.#isQuiet(files, before);
    const now = ReadFile.open(`${this.path}-wal`);
    if (!now) return false;
    try {
      if (!isSameLog(now, log.state)) return false;
      for (const page of (await readTransactions(now, { ...log.state })).keys()) {
        if (pages.taken.has(page)) return false;
      }
      return isSameLog(now, log.state);
    } finally {
      now.close();
    }
  }

  /** Whether neither file was touched: all that can be asked while there is no log. */
  async #isQuiet(files: Files, before = statesOf(files)): Promise<boolean> {
    if (hasHotJournal(this.path)) return false;
    const now = this.#open();
    try {
      return statesOf(now) === before;
    } finally {
      now.database.close();
      now.log?.close();
    }
  }
}

const statesOf = ({ database, log }: Files) => `${stateOf(database)} ${stateOf(log)}`;
