import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chown, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';

const run = promisify(execFile);
const DEBIAN_FOLDER = '/usr/lib/postgresql';
const START_WITHIN_MS = 30_000;

export type TestPostgres = {
  /** DSN of the database `postgres` on a private port. */
  dsn: string;
  /** Makes an empty database and gives its DSN. */
  createDatabase: () => Promise<string>;
  /** Stops the server at once; `start` brings it back on the same port and folder. */
  halt: () => Promise<void>;
  start: () => Promise<void>;
  /** Stops the server and removes its folder. */
  stop: () => Promise<void>;
};

/**
 * A real PostgreSQL for tests: private port, temporary folder, fsync off. Throws when this computer
 * has no PostgreSQL, saying what to install: these tests are never skipped.
 */
export async function startPostgres(): Promise<TestPostgres> {
  const bin = await findBinaries();
  const user = await serverUser();
  const folder = await mkdtemp(join(tmpdir(), 'turnkeep-pg-'));
  if (user) await chown(folder, user.uid, user.gid);
  const port = await freePort();
  const program = (name: string) => join(bin, process.platform === 'win32' ? `${name}.exe` : name);
  const data = join(folder, 'data');
  const options = { cwd: folder, ...(user ?? {}), env: { ...process.env, LC_ALL: 'C' } };
  await run(
    program('initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--locale=C'],
    options,
  );
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    full_page_writes: 'off',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const dsn = `postgres://postgres@127.0.0.1:${port}/postgres`;
  let server: ReturnType<typeof spawn> | undefined;

  const start = async () => {
    server = spawn(program('postgres'), ['-D', data, ...flags], { ...options, stdio: 'ignore' });
    await waitUntilReady(program('pg_isready'), port);
  };
  const halt = async () => {
    const running = server;
    server = undefined;
    if (!running || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGQUIT');
    await ended;
  };
  await start();
  return {
    dsn,
    start,
    halt,
    createDatabase: () => createDatabase(dsn),
    stop: async () => {
      await halt();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const SHARED = 'TURNKEEP_TEST_POSTGRES';
let shared: TestPostgres | undefined;

/** For vitest's `globalSetup`: one server for every test file of the run. */
export async function setup(): Promise<void> {
  shared = await startPostgres();
  process.env[SHARED] = shared.dsn;
}

export async function teardown(): Promise<void> {
  delete process.env[SHARED];
  await shared?.stop();
}

/** An empty database: on the run's shared server, or on one of its own when there is none. */
export async function emptyDatabase(): Promise<{ dsn: string; stop: () => Promise<void> }> {
  const server = process.env[SHARED];
  if (!server) {
    const own = await startPostgres();
    return { dsn: await own.createDatabase(), stop: own.stop };
  }
  return { dsn: await createDatabase(server), stop: async () => undefined };
}

async function createDatabase(server: string): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const client = new Client(server);
  await client.connect();
  try {
    await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
  return server.replace(/\/[^/]*$/, `/${name}`);
}

async function findBinaries(): Promise<string> {
  const versions = await readdir(DEBIAN_FOLDER).catch((): string[] => []);
  const newestFirst = versions.sort((a, b) => Number(b) - Number(a));
  const candidates = [
    ...newestFirst.map((version) => join(DEBIAN_FOLDER, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  for (const folder of candidates) {
    for (const name of ['initdb', 'initdb.exe']) {
      if (folder && (await stat(join(folder, name)).catch(() => null))) return folder;
    }
  }
  throw new Error(
    'No PostgreSQL was found (initdb in /usr/lib/postgresql/*/bin or on PATH). Install it: ' +
      '`apt-get install postgresql` on Debian and Ubuntu, `brew install postgresql@17` on macOS, ' +
      'or the installer of postgresql.org on Windows.',
  );
}

/** PostgreSQL refuses to run as root: then it runs as the user `postgres`, else as whoever we are. */
async function serverUser(): Promise<{ uid: number; gid: number } | null> {
  if (process.getuid?.() !== 0) return null;
  const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  try {
    return { uid: await id('-u'), gid: await id('-g') };
  } catch (error) {
    throw new Error(
      'As root the tests need the system user `postgres` to run PostgreSQL: install the package ' +
        '`postgresql`, or make one with `useradd --system postgres`.',
      { cause: error },
    );
  }
}

async function waitUntilReady(pgIsReady: string, port: number): Promise<void> {
  const until = Date.now() + START_WITHIN_MS;
  for (;;) {
    try {
      await run(pgIsReady, ['-h', '127.0.0.1', '-p', String(port), '-q']);
      return;
    } catch (error) {
      if (Date.now() > until) throw new Error('PostgreSQL did not start', { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (typeof address !== 'object' || !address) throw new Error('no port is free');
  return address.port;
}
