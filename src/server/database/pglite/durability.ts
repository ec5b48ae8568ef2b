import { readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import type { Change } from '../database.ts';
import { storageFailed } from '../errors.ts';
import type { Journal } from '../journal/journal.ts';
import type { DatabaseLog } from '../log.ts';
import type { DatabaseSchema } from '../schema.ts';

const MAX_JOURNAL_BYTES = 16 * 1024 * 1024;
/** Segments of the engine's own log, 1 MiB each, that a start after a crash would read. */
const MAX_WAL_FILES = 64;
const IDLE_MS = 5 * 60_000;
const LOOK_EVERY_MS = 1_000;
/** Below this the engine is not asked to write: a disk that fills up meanwhile would end it. */
const RESERVE_BYTES = 64 * 1024 * 1024;
const SPACE_KNOWN_FOR_MS = 250;

type Work = () => Promise<void>;
/** The data folder, and when the files that it began with are on the disk. */
type Place = { data: string; onDisk: Promise<void>; log: DatabaseLog };

/**
 * Keeps what was acknowledged on the disk: the journal takes every write; from time to time the
 * engine brings its pages to the disk (`trim`) and the journal begins anew.
 */
export class Durability {
  readonly #db: Kysely<DatabaseSchema>;
  readonly #journal: Journal;
  readonly #data: string;
  readonly #onDisk: Promise<void>;
  readonly #log: DatabaseLog;
  readonly #idle: NodeJS.Timeout;
  #idleWork: Work = async () => undefined;
  #hasWritten = false;
  #trimming: Promise<void> | undefined;
  #lookedAt = 0;
  #spaceCheckedAt = 0;
  #closed = false;

  constructor(db: Kysely<DatabaseSchema>, journal: Journal, place: Place) {
    this.#db = db;
    this.#journal = journal;
    this.#data = place.data;
    this.#onDisk = place.onDisk;
    this.#log = place.log;
    this.#idle = setTimeout(() => this.#whenNobodyWrites(), IDLE_MS).unref();
  }

  /** Work to be done when nobody has written for a while, before the trim that is then due. */
  whenIdle(work: Work): void {
    this.#idleWork = work;
  }

  get journalSize(): { entries: number; bytes: number } {
    return this.#journal.live;
  }

  /** Rejects with `storage_failed` when the disk is nearly full or refused the writes before. */
  async beforeWrite(): Promise<void> {
    const now = Date.now();
    if (now - this.#spaceCheckedAt > SPACE_KNOWN_FOR_MS) {
      const disk = await statfs(this.#data).catch(() => null);
      if (disk && disk.bavail * disk.bsize < RESERVE_BYTES) {
        const full = Object.assign(new Error('little space is left'), { code: 'ENOSPC' });
        throw storageFailed(full, this.#data);
      }
      this.#spaceCheckedAt = now;
    }
    if (this.#journal.isBehind) await this.#journal.append([]);
  }

  /** Resolves when the changes of a commit are in the journal; call in the order of the commits. */
  async afterCommit(changes: readonly Change[]): Promise<void> {
    this.#hasWritten = true;
    await this.#journal.append(changes);
    this.#idle.refresh();
    const now = Date.now();
    if (now - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt = now;
    if (this.#journal.live.bytes > MAX_JOURNAL_BYTES || (await this.#walFiles()) > MAX_WAL_FILES) {
      this.trimSoon();
    }
  }

  /** Begins a `trim` in the background; a failure is logged and the journal stays as it is. */
  trimSoon(before?: Work): void {
    if (this.#closed || this.#trimming) return;
    this.trim(before).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.warn({ reason }, 'journal not trimmed');
    });
  }

  /**
   * Brings everything committed so far to the disk and removes its journal. `before` runs ahead of
   * the engine's checkpoint. Waits for a trim under way, then does its own.
   */
  async trim(before: Work = async () => undefined): Promise<void> {
    while (this.#trimming) await this.#trimming.catch(() => undefined);
    this.#trimming = this.#trimNow(before).finally(() => {
      this.#trimming = undefined;
    });
    await this.#trimming;
  }

  /** Trims a last time and closes the journal. The database must still be open. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    try {
      await this.trim();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.warn({ reason }, 'journal not trimmed; the next start replays it');
    }
    await this.#journal.close();
  }

  #whenNobodyWrites(): void {
    if (!this.#hasWritten) return;
    this.#hasWritten = false;
    this.trimSoon(() => this.#idleWork());
  }

  async #trimNow(before: Work): Promise<void> {
    const last = await this.#journal.seal();
    await before();
    await sql`checkpoint`.execute(this.#db);
    await this.#onDisk;
    await this.#journal.trim(last);
  }

  async #walFiles(): Promise<number> {
    return (await readdir(join(this.#data, 'pg_wal'))).length;
  }
}
