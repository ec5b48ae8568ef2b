import { hostname } from 'node:os';
import type { Connection } from '../../client/connection.ts';
import { findServer, readDiscovery } from '../../client/discovery.ts';
import { readLockState } from '../../client/lockState.ts';
import { processAlive } from '../../client/processAlive.ts';
import { toTurnkeepError } from '../../contracts/errors.ts';
import type { Home } from '../../contracts/home.ts';
import { type DatabaseStatus, DEFAULT_PORT } from '../../contracts/server.ts';
import type { Cli } from '../cli.ts';
import { bytes, count, duration } from '../output/text.ts';
import { type Check, fail, ok, warn } from './check.ts';

const LARGE_JOURNAL_BYTES = 256_000_000;
const SILENT_MS = 30_000;

/** Lock and discovery as they are, then the server (started if none runs) and its database. */
export async function serverChecks(cli: Cli): Promise<Check[]> {
  const before = [await lockCheck(cli.home), await discoveryCheck(cli.home)];
  let connection: Connection;
  try {
    connection = await cli.connect();
  } catch (thrown) {
    const { message, code } = toTurnkeepError(thrown);
    const mend =
      code === 'data_version_mismatch'
        ? 'turnkeep db restore FILE --fresh, with a backup made by the older version.'
        : 'The message says what to do; turnkeep logs has more.';
    return [...before, fail('server', message, mend)];
  }
  return [...before, portCheck(connection.url), ...(await healthChecks(cli))];
}

async function lockCheck(home: Home): Promise<Check> {
  const lock = await readLockState(home);
  if (!lock || lock.released) return ok('lock', 'free');
  if (lock.host !== hostname()) {
    return warn(
      'lock',
      `held by process ${lock.pid} on ${lock.host}, last sign of life ${duration(lock.silentMs / 1000)} ago`,
      'A home belongs on one machine: set TURNKEEP_HOME to a folder that is not shared.',
    );
  }
  if (!processAlive(lock.pid)) {
    return ok('lock', `left by process ${lock.pid}, which is gone; the next start takes it over`);
  }
  if (lock.silentMs > SILENT_MS) {
    return warn(
      'lock',
      `held by process ${lock.pid}, silent for ${duration(lock.silentMs / 1000)}`,
      'If it stays so the server hangs: end that process.',
    );
  }
  return ok('lock', `held by process ${lock.pid}`);
}

async function discoveryCheck(home: Home): Promise<Check> {
  const said = await readDiscovery(home);
  if (!said) return ok('server.json', 'absent: no server runs');
  if (await findServer(home)) return ok('server.json', `${said.url}, process ${said.pid}`);
  return warn(
    'server.json',
    `names ${said.url}, process ${said.pid}, which does not answer`,
    'It was left by a crash; the next start replaces it.',
  );
}

function portCheck(url: string): Check {
  const wanted = Number(process.env.TURNKEEP_PORT ?? DEFAULT_PORT);
  const { port } = new URL(url);
  if (wanted === 0 || Number(port) === wanted) return ok('port', port);
  return warn(
    'port',
    `${port}: port ${wanted} was taken when the server started`,
    'Fine for Turnkeep; for clients with a fixed address set TURNKEEP_PORT to a free port.',
  );
}

async function healthChecks(cli: Cli): Promise<Check[]> {
  try {
    const status = await cli.client.call('get_server_status', {});
    const { health } = status;
    const detail = `version ${health.version}, up ${duration(health.uptime)}, ${bytes(health.memory_usage)}`;
    const server =
      health.status === 'ok'
        ? ok('server', detail)
        : warn('server', `${detail}, ${health.status}`, 'See the database below.');
    return [server, ...databaseChecks(status.database)];
  } catch (thrown) {
    const mend = 'turnkeep stop, then try again; turnkeep logs says more.';
    return [fail('server', toTurnkeepError(thrown).message, mend)];
  }
}

export function databaseChecks(database: DatabaseStatus): Check[] {
  const place = `${database.engine} ${database.version ?? ''} at ${database.location}`;
  if (database.state !== 'ok') {
    const mend =
      database.engine === 'postgres'
        ? 'Start that PostgreSQL, or mend POSTGRES_DSN.'
        : 'turnkeep logs says more; turnkeep db restore FILE brings a backup back.';
    return [fail('database', `${place}: ${database.error ?? 'does not answer'}`, mend)];
  }
  const checks = [ok('database', place)];
  const { pending } = database.migrations;
  if (pending.length > 0) {
    checks.push(
      warn('migrations', `${count(pending.length, 'migration')} pending`, 'turnkeep db migrate'),
    );
  }
  if (database.drift.length > 0) {
    const mend =
      'Something else changed the tables: turnkeep db backup, then restore with --replace.';
    checks.push(fail('schema', database.drift.join('; '), mend));
  }
  const { journal } = database;
  if (journal) {
    const detail = `${count(journal.entries, 'entry', 'entries')}, ${bytes(journal.bytes)}`;
    const isLarge = journal.bytes > LARGE_JOURNAL_BYTES;
    checks.push(
      isLarge
        ? warn('journal', detail, 'It is trimmed when the server stops: turnkeep stop')
        : ok('journal', detail),
    );
  }
  return checks;
}
