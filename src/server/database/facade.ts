import type { Kysely } from 'kysely';
import type { Pool } from 'pg';
import type { DatabaseStatus, SqlResult } from '../../contracts/server.ts';
import { oneAtATime } from './backupFile.ts';
import { RecordingTransaction } from './changes.ts';
import type { BackupReport, Change, Database, WriteTransaction } from './database.ts';
import { writeBackup } from './dump.ts';
import { errorCode } from './errors.ts';
import { heedingReads } from './heeding.ts';
import { migrateToLatest } from './migrate.ts';
import { loadBackup } from './restore.ts';
import { runStatement } from './runSql.ts';
import type { DatabaseSchema } from './schema.ts';
import type { ErrorTranslator } from './sessions.ts';
import { runInsideWrite } from './sessions.ts';
import { databaseStatus } from './status.ts';

/** What makes an acknowledged write durable. A PostgreSQL server does this by itself. */
export interface Keeper {
  beforeWrite(): Promise<void>;
  afterCommit(changes: readonly Change[]): Promise<void>;
  /** Everything committed is on disk and the journal is empty. */
  settle(): Promise<void>;
  /** As `settle`, and what was deleted is gone from the files. */
  purge(): Promise<void>;
  /** After a restore: applies what waited for one. */
  restored(): Promise<void>;
  journalSize(): { entries: number; bytes: number } | null;
  problems(): string[];
  close(): Promise<void>;
}

/** The parts of an open database. `close` ends what is below the pool. */
export type Parts = {
  engine: DatabaseStatus['engine'];
  /** Folder, `memory` or masked DSN. */
  location: string;
  backups: string;
  pool: Pool;
  db: Kysely<DatabaseSchema>;
  translate: ErrorTranslator;
  keeper: Keeper;
  /** Whether a backup may read in one snapshot while others write. */
  snapshots: boolean;
  close: () => Promise<void>;
};

/** Unique violation, serialization failure, deadlock: another server was a moment faster. */
const CONFLICTS = new Set(['23505', '40001', '40P01']);
const ATTEMPTS = 5;

/**
 * Runs a transaction again that met another one: several servers share one PostgreSQL, and what
 * the other has stored is seen the second time. The work must do nothing but read and write in it.
 */
async function againAfterConflict<R>(transaction: () => Promise<R>): Promise<R> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transaction();
    } catch (error) {
      if (attempt === ATTEMPTS || !CONFLICTS.has(errorCode(error))) throw error;
    }
  }
}

/** The embedded engine has one session: from no other could its statement be ended. */
function canCancel({ engine }: Parts): boolean {
  return engine === 'postgres';
}

/** The one facade over the three engines. */
export class OpenDatabase implements Database {
  readonly engine: DatabaseStatus['engine'];
  readonly read: Kysely<DatabaseSchema>;
  readonly #parts: Parts;
  readonly #heeded: AbortSignal | undefined;
  #closed: Promise<void> | undefined;

  constructor(parts: Parts, heeded?: AbortSignal) {
    this.#parts = parts;
    this.#heeded = heeded;
    this.engine = parts.engine;
    this.read = heeded ? heedingReads(parts.db, heeded, canCancel(parts)) : parts.db;
  }

  heeding(signal: AbortSignal | undefined): Database {
    return signal ? new OpenDatabase(this.#parts, signal) : this;
  }

  async write<R>(work: (tx: WriteTransaction) => Promise<R>): Promise<R> {
    const { keeper, db } = this.#parts;
    await keeper.beforeWrite();
    const done = await againAfterConflict(() =>
      db.transaction().execute(async (transaction) => {
        const recording = new RecordingTransaction(this, transaction);
        const result = await runInsideWrite(() => work(recording));
        return { result, recording };
      }),
    );
    // The embedded engine has one session: commits end here in their own order, before the next
    // transaction has had its first answer.
    await keeper.afterCommit(done.recording.changes);
    done.recording.committed();
    return done.result;
  }

  async runSql(sql: string, write: boolean): Promise<SqlResult> {
    const { pool, translate, keeper } = this.#parts;
    const stop = this.#heeded && { signal: this.#heeded, canCancel: canCancel(this.#parts) };
    if (!write) return runStatement(pool, sql, { write, translate, stop });
    await keeper.beforeWrite();
    // These changes are in no journal: nothing older may be replayed over them.
    await keeper.settle();
    try {
      return await runStatement(pool, sql, { write, translate, stop });
    } finally {
      await keeper.settle();
    }
  }

  status(): Promise<DatabaseStatus> {
    return databaseStatus(this.#parts);
  }

  async migrate(): Promise<{ applied: string[]; pending: string[] }> {
    const result = await migrateToLatest(this.#parts.db);
    if (result.applied.length > 0) await this.#parts.keeper.settle();
    return result;
  }

  backup(file: string): Promise<BackupReport> {
    const { db, snapshots } = this.#parts;
    return oneAtATime(() => writeBackup(db, file, { snapshot: snapshots }));
  }

  async restore(file: string, options: { replace: boolean }): Promise<{ rows: number }> {
    const { keeper, db } = this.#parts;
    await keeper.beforeWrite();
    await keeper.settle();
    const report = await loadBackup(db, file, options);
    await keeper.restored();
    await keeper.settle();
    return report;
  }

  checkpoint(): Promise<void> {
    return this.#parts.keeper.purge();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#parts.keeper.close();
    await this.#parts.db.destroy();
    await this.#parts.close();
  }
}
