import { TurnkeepError } from '../../contracts/errors.ts';
import type { Home } from '../../contracts/home.ts';
import type { Database } from './database.ts';
import { OpenDatabase, type Parts } from './facade.ts';
import type { DatabaseLog } from './log.ts';
import { migrateToLatest } from './migrate.ts';
import { setAsideData } from './pglite/dataFolder.ts';
import { openEmbedded, openMemory } from './pglite/embedded.ts';
import type { EngineAssets } from './pglite/engineFiles.ts';
import { openPostgres } from './postgres.ts';

export { setAsideData };

/** DSN of a database in memory that ends with the process. */
export const MEMORY_DSN = 'mock://test';

export type OpenOptions = {
  home: Home;
  /** `POSTGRES_DSN`; without one the embedded database of the home. */
  dsn?: string | undefined;
  env: NodeJS.ProcessEnv;
  log: DatabaseLog;
  /** Called once when the embedded engine ends by itself: the server must end and start anew. */
  onLost?: (error: Error) => void;
  /** Where the engine's files are, when not where `findAssets` looks. */
  assets?: EngineAssets;
};

/**
 * Opens the database and applies missing migrations. On PGlite the caller holds the home's lock.
 * @throws TurnkeepError `data_version_mismatch`, `database_unavailable`, `remote_database_refused`
 * or `home_unwritable`, each saying what to do.
 */
export async function openDatabase(options: OpenOptions): Promise<Database> {
  const parts = await openParts(options);
  return new OpenDatabase(parts);
}

async function openParts({ dsn, home, env, log, onLost, assets }: OpenOptions): Promise<Parts> {
  const embedded = {
    home,
    log,
    onLost: onLost ?? (() => undefined),
    ...(assets ? { assets } : {}),
  };
  if (!dsn) return openEmbedded(embedded);
  if (dsn === MEMORY_DSN) return openMemory(embedded);
  if (/^mock:/i.test(dsn)) {
    throw new TurnkeepError(
      'invalid_request',
      `The only DSN of a database in memory is ${MEMORY_DSN}.`,
    );
  }
  const parts = await openPostgres(dsn, home, env, log);
  try {
    await migrateToLatest(parts.db);
    return parts;
  } catch (error) {
    await parts.db.destroy();
    throw error;
  }
}
