import { Pool, type PoolClient } from 'pg';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Home } from '../../contracts/home.ts';
import { checkDsn, maskDsn, parseDsn } from './dsn.ts';
import { serverErrors } from './errors.ts';
import type { Keeper, Parts } from './facade.ts';
import type { DatabaseLog } from './log.ts';
import { openKysely, prepareSession, surviveBrokenClients } from './sessions.ts';
import { parsedTypes } from './types.ts';

const OLDEST = 130_000;
const nothing = async (): Promise<void> => undefined;

/** A PostgreSQL server keeps its own write-ahead log; there is nothing to do beside it. */
export const noKeeper: Keeper = {
  beforeWrite: nothing,
  afterCommit: nothing,
  settle: nothing,
  purge: nothing,
  restored: nothing,
  close: nothing,
  journalSize: () => null,
  problems: () => [],
};

/**
 * Connects to the PostgreSQL of a DSN. Throws `remote_database_refused`, or `database_unavailable`
 * when it does not answer. Connections that break later are replaced when the server is back.
 */
export async function openPostgres(
  dsn: string,
  home: Home,
  env: NodeJS.ProcessEnv,
  log: DatabaseLog,
): Promise<Parts> {
  checkDsn(dsn, env);
  const location = maskDsn(dsn);
  const translate = serverErrors(location);
  const pool = new Pool({
    fallback_application_name: 'turnkeep',
    ...parseDsn(dsn),
    max: 10,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    types: parsedTypes,
    onConnect: (client) => prepareSession(client as PoolClient),
  });
  surviveBrokenClients(pool, (error) => {
    log.warn({ reason: error.message }, 'PostgreSQL connection lost');
  });
  try {
    await checkServer(pool);
  } catch (error) {
    await pool.end();
    throw translate(error);
  }
  return {
    engine: 'postgres',
    location,
    backups: home.backups,
    pool,
    db: openKysely(pool, translate),
    translate,
    keeper: noKeeper,
    snapshots: true,
    close: nothing,
  };
}

async function checkServer(pool: Pool): Promise<void> {
  const found = await pool.query<{ version: number; encoding: string }>(
    `select current_setting('server_version_num')::int as version,
      current_setting('server_encoding') as encoding`,
  );
  const [server] = found.rows;
  if (server && server.version < OLDEST) {
    throw new TurnkeepError(
      'database_unavailable',
      `PostgreSQL ${Math.floor(server.version / 10_000)} is too old: Turnkeep needs 13 or newer.`,
    );
  }
  if (server && server.encoding !== 'UTF8') {
    throw new TurnkeepError(
      'database_unavailable',
      `The database of POSTGRES_DSN has encoding ${server.encoding}: create one with UTF8.`,
    );
  }
}
