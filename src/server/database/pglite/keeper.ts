import { type Kysely, sql } from 'kysely';
import type { Change } from '../database.ts';
import type { Keeper } from '../facade.ts';
import { applyRecords } from '../journal/replay.ts';
import type { SegmentFolder } from '../journal/segments.ts';
import type { DatabaseLog } from '../log.ts';
import { type DatabaseSchema, derivedTables } from '../schema.ts';
import type { Durability } from './durability.ts';

/** A table above this is rewritten when nobody writes, not at once: that takes 5 s per 100 MB. */
const MAX_REWRITE_BYTES = 64 * 1024 * 1024;

/** The journal beside the embedded database, as the facade sees it. */
export class JournalKeeper implements Keeper {
  readonly #db: Kysely<DatabaseSchema>;
  readonly #durability: Durability;
  readonly #folder: SegmentFolder;
  readonly #problems: string[];
  readonly #log: DatabaseLog;
  /** Tables with deleted rows that their files still show. */
  readonly #stale = new Set<keyof DatabaseSchema>();
  /** Tables with text that was replaced: often by more of it, so that only a purge minds. */
  readonly #replaced = new Set<keyof DatabaseSchema>();

  constructor(
    db: Kysely<DatabaseSchema>,
    durability: Durability,
    folder: SegmentFolder,
    problems: readonly string[],
    log: DatabaseLog,
  ) {
    this.#db = db;
    this.#durability = durability;
    this.#folder = folder;
    this.#problems = [...problems];
    this.#log = log;
    durability.whenIdle(() => this.#tidy());
  }

  beforeWrite(): Promise<void> {
    return this.#durability.beforeWrite();
  }

  afterCommit(changes: readonly Change[]): Promise<void> {
    for (const change of changes) {
      // A title is text of a message: a new one is there because that message went.
      const renames =
        change.op === 'update' && ('title' in change.set || 'external_id' in change.set);
      if (renames) this.#stale.add(change.table);
      if (change.op === 'update' && 'content' in change.set) this.#replaced.add(change.table);
      if (change.op !== 'delete') continue;
      this.#stale.add(change.table);
      // Its triggers take the message's terms out of these.
      if (change.table !== 'memory_index') continue;
      for (const table of derivedTables) this.#stale.add(table);
    }
    return this.#durability.afterCommit(changes);
  }

  settle(): Promise<void> {
    return this.#durability.trim();
  }

  async purge(): Promise<void> {
    for (const table of this.#replaced) this.#stale.add(table);
    this.#replaced.clear();
    await this.#durability.trim(() => this.#rewrite(MAX_REWRITE_BYTES));
    await this.#folder.removeCarried();
  }

  async restored(): Promise<void> {
    for (const number of await this.#folder.listCarried()) {
      const file = this.#folder.carriedFile(number);
      const { records } = await this.#folder.read(file);
      const problems = await applyRecords(this.#db, records);
      for (const problem of problems) this.#log.error({ problem, file }, 'journal');
      this.#problems.push(...problems.map((problem) => `${file}: ${problem}`));
    }
  }

  journalSize(): { entries: number; bytes: number } {
    return this.#durability.journalSize;
  }

  problems(): string[] {
    return [...this.#problems];
  }

  close(): Promise<void> {
    return this.#durability.close();
  }

  /**
   * Makes deleted text leave the files. A plain VACUUM frees its space but the bytes stay until
   * they are written over, and the full-text index keeps the words: only a rewrite (VACUUM FULL)
   * brings new files and removes the old. The engine's log goes with the next checkpoint, once
   * `pg_switch_wal` has ended its current file (`wal_recycle=off` removes it).
   */
  async #rewrite(upToBytes: number): Promise<void> {
    for (const table of [...this.#stale]) {
      const found = await sql<{ size: number }>`
        select pg_total_relation_size(${table}::regclass) as size`.execute(this.#db);
      const isSmall = (found.rows[0]?.size ?? 0) <= upToBytes;
      const options = sql.raw(isSmall ? 'full, analyze' : 'analyze');
      await sql`vacuum (${options}) ${sql.table(table)}`.execute(this.#db);
      if (isSmall) this.#stale.delete(table);
    }
    await sql`select pg_switch_wal()`.execute(this.#db);
  }

  /** What autovacuum does on a server: the embedded engine has none. */
  async #tidy(): Promise<void> {
    await this.#rewrite(Number.POSITIVE_INFINITY);
    await sql`vacuum (analyze) conversation_messages`.execute(this.#db);
  }
}
