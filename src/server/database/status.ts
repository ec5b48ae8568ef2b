import { sql } from 'kysely';
import type { DatabaseStatus } from '../../contracts/server.ts';
import { newestBackupTime } from './backups.ts';
import { findDrift } from './drift.ts';
import type { Parts } from './facade.ts';
import { migrationState } from './migrate.ts';

type Facts = { version: string; size: number };

/** State of a database, as `turnkeep db status` shows it. Never throws. */
export async function databaseStatus(parts: Parts): Promise<DatabaseStatus> {
  const { engine, location, keeper, backups } = parts;
  const known = { engine, location, journal: keeper.journalSize() };
  const last_backup = await newestBackupTime(backups);
  const problems = keeper.problems();
  try {
    const begun = performance.now();
    await sql`select 1`.execute(parts.db);
    const latency_ms = Math.round((performance.now() - begun) * 100) / 100;
    const facts = await factsOf(parts);
    const migrations = await migrationState(parts.db);
    return {
      ...known,
      state: 'ok',
      version: facts.version,
      latency_ms,
      size_bytes: facts.size,
      migrations,
      drift: migrations.pending.length > 0 ? [] : await findDrift(parts.db),
      last_backup,
      error: problems.length > 0 ? problems.join('; ') : null,
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      ...known,
      state: 'unavailable',
      version: null,
      latency_ms: null,
      size_bytes: null,
      migrations: { applied: [], pending: [] },
      drift: [],
      last_backup,
      error: [message, ...problems].join('; '),
    };
  }
}

async function factsOf(parts: Parts): Promise<Facts> {
  const found = await sql<Facts>`select current_setting('server_version') as version,
    pg_database_size(current_database()) as size`.execute(parts.db);
  const [facts] = found.rows;
  if (!facts) throw new Error('the database gave no answer');
  return facts;
}
