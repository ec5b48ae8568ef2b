import { type Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { TurnkeepError } from '../../contracts/errors.ts';
import { migrations } from './migrations/all.ts';
import type { DatabaseSchema } from './schema.ts';

export type MigrationState = { applied: string[]; pending: string[] };

const UNDEFINED_TABLE = '42P01';

/** Names of the migrations that the database has and of those it still lacks. */
export async function migrationState(db: Kysely<DatabaseSchema>): Promise<MigrationState> {
  const applied = await appliedMigrations(db);
  const pending = Object.keys(migrations).filter((name) => !applied.includes(name));
  return { applied, pending };
}

/**
 * Applies what is missing, in one transaction. Several servers may do this at once: an advisory
 * lock lets one work and the others find it done. Throws `data_version_mismatch` when the database
 * was migrated by a newer Turnkeep.
 */
export async function migrateToLatest(db: Kysely<DatabaseSchema>): Promise<MigrationState> {
  const before = await migrationState(db);
  refuseNewer(before.applied);
  if (before.pending.length === 0) return { applied: [], pending: [] };
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
  const applied = (results ?? []).map((result) => result.migrationName);
  return { applied, pending: (await migrationState(db)).pending };
}

/** Throws `data_version_mismatch` when `applied` names a migration that this version lacks. */
export function refuseNewer(applied: readonly string[]): void {
  const unknown = applied.filter((name) => !(name in migrations));
  if (unknown.length === 0) return;
  throw new TurnkeepError(
    'data_version_mismatch',
    `The database was changed by a newer Turnkeep (${unknown.join(', ')}). ` +
      'Update Turnkeep on this computer, then start it again.',
  );
}

async function appliedMigrations(db: Kysely<DatabaseSchema>): Promise<string[]> {
  try {
    const found = await sql<{
      name: string;
    }>`select name from kysely_migration order by name`.execute(db);
    return found.rows.map((row) => row.name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === UNDEFINED_TABLE) return [];
    throw error;
  }
}
