import { type Kysely, sql } from 'kysely';
import type { Change } from '../database.ts';
import type { Keeper } from '../facade.ts';
import { applyRecords } from '../journal/replay.ts';
import type { SegmentFolder } from '../journal/segments.ts';
import type { DatabaseLog } from '../log.ts';
import { type DatabaseSchema, tablesInOrder } from '../schema.ts';
import type { Durability } from './durability.ts';

/** Above this a table is not rewritten to make deleted text go; see `purge`. */
const MAX_REWRITE_BYTES = 256 * 1024 * 1024;

/** The journal beside the embedded database, as the facade sees it. */
export class JournalKeeper implements Keeper {
  readonly #db: Kysely<DatabaseSchema>;
  readonly #durability: Durability;
  readonly #folder: SegmentFolder;
  readonly #problems: string[];
  readonly #log: DatabaseLog;

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
  }

  beforeWrite(): Promise<void> {
    return this.#durability.beforeWrite();
  }

  afterCommit(changes: readonly Change[]): Promise<void> {
    return this.#durability.afterCommit(changes);
  }

  settle(): Promise<void> {
    return this.#durability.trim();
  }

  async purge(): Promise<void> {
    await this.#durability.trim(() => this.#rewrite());
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

  async #rewrite(): Promise<void> {
    for (const table of tablesInOrder) {
      const found = await sql<{ size: number }>`
        select pg_total_relation_size(${table}::regclass) as size`.execute(this.#db);
      const isSmall = (found.rows[0]?.size ?? 0) <= MAX_REWRITE_BYTES;
      const options = sql.raw(isSmall ? 'full, analyze' : 'analyze');
      await sql`vacuum (${options}) ${sql.table(table)}`.execute(this.#db);
    }
    await sql`select pg_switch_wal()`.execute(this.#db);
  }
}
