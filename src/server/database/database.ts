import type { Insertable, Kysely, Transaction, Updateable } from 'kysely';
import type { DatabaseStatus, SqlResult } from '../../contracts/server.ts';
import type { DatabaseSchema, TableName } from './schema.ts';

/** Column values that name one row, for example `{ session_id }`. */
export type RowKey = Record<string, string>;

/** One change of stored rows, as the journal keeps it and replays it. Replaying twice is harmless. */
export type Change =
  | { op: 'insert'; table: TableName; rows: Record<string, unknown>[] }
  | { op: 'update'; table: TableName; key: RowKey; set: Record<string, unknown> }
  | { op: 'delete'; table: TableName; column: string; values: string[] };

/**
 * A write in progress. Reads go through `read`; every write goes through the three methods, which
 * record it for the journal. `read` must be used instead of `Database.read` inside of the work: on
 * PGlite the outer handle waits for this very transaction.
 */
export interface WriteTransaction {
  /** The open database: what is known of it may be kept in memory under this. */
  readonly owner: object;
  read: Transaction<DatabaseSchema>;
  /** Runs when the changes are durable, not at all when they are not stored. It must not throw. */
  afterCommit(work: () => void): void;
  /** Inserts rows; a row whose primary key exists is left as it is. */
  insert<T extends TableName>(table: T, rows: Insertable<DatabaseSchema[T]>[]): Promise<void>;
  update<T extends TableName>(
    table: T,
    key: RowKey,
    set: Updateable<DatabaseSchema[T]>,
  ): Promise<void>;
  /** Deletes rows whose `column` is one of `values`; gives their number. Never cascades. */
  delete<T extends TableName>(
    table: T,
    column: keyof DatabaseSchema[T] & string,
    values: string[],
  ): Promise<number>;
}

export type BackupReport = { file: string; rows: number; bytes: number };

/** One facade over PGlite, PostgreSQL and the database in memory. */
export interface Database {
  readonly engine: DatabaseStatus['engine'];
  /** Reads only: writes through this handle would miss the journal. */
  readonly read: Kysely<DatabaseSchema>;
  /**
   * The same database for one caller: `read` and `runSql` end with the signal's reason when `signal`
   * is aborted, and on PostgreSQL a statement under way is cancelled; `write` goes on to its end.
   * Without a signal it is the database itself.
   */
  heeding(signal: AbortSignal | undefined): Database;
  /**
   * Runs `work` in one transaction. When this resolves the changes are durable: on PGlite they are
   * in the fsynced journal, on PostgreSQL committed with its own WAL. When `work` throws, nothing
   * is stored and the error is passed on. After a conflict with another server `work` runs again: it
   * must do nothing but read and write through `tx`.
   */
  write<R>(work: (tx: WriteTransaction) => Promise<R>): Promise<R>;
  /** Runs one statement for `turnkeep db psql`; read-only unless `write`. */
  runSql(sql: string, write: boolean): Promise<SqlResult>;
  status(): Promise<DatabaseStatus>;
  migrate(): Promise<{ applied: string[]; pending: string[] }>;
  /** Writes a logical backup (gzipped JSON lines) atomically; either engine can restore it. */
  backup(file: string): Promise<BackupReport>;
  /** Loads a logical backup into an empty database, or over what is there when `replace`. */
  restore(file: string, options: { replace: boolean }): Promise<{ rows: number }>;
  /** Makes deleted text leave the disk as far as the engine allows, and trims the journal. */
  checkpoint(): Promise<void>;
  close(): Promise<void>;
}
