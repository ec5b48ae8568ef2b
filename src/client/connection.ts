import { setTimeout as delay } from 'node:timers/promises';
import lt from 'semver/functions/lt.js';
import valid from 'semver/functions/valid.js';
import { TurnkeepError, toTurnkeepError } from '../contracts/errors.ts';
import { databaseFingerprint } from '../contracts/fingerprint.ts';
import type { Home } from '../contracts/home.ts';
import type { Discovery } from '../contracts/server.ts';
import { findServer, readDiscovery } from './discovery.ts';
import { ConnectionError } from './http.ts';
import { readLockState } from './lockState.ts';
import { type ClientIdentity, ownToken } from './ownToken.ts';
import { processAlive } from './processAlive.ts';
import { startServer } from './startServer.ts';
import { readToken } from './token.ts';
import { callTool } from './toolCall.ts';

const STOP_TIMEOUT_MS = 20_000;

export type ConnectOptions = {
  home: Home;
  /** Absolute path of `server.mjs`; without it a server is only found, never started. */
  serverPath?: string;
  /** Version of this client: an older server is replaced by the one at `serverPath`. */
  version?: string;
  /** False: never start or replace a server. */
  startIfNeeded?: boolean;
  nodePath?: string;
  env?: NodeJS.ProcessEnv;
  serverArgs?: string[];
  /** Connects with a token of the client's own, which may do less than the home's. */
  client?: ClientIdentity | undefined;
  /** The token that the server has just refused: one that is kept is not taken as good unseen. */
  refused?: string | undefined;
};
export type Connection = { url: string; token: string; discovery: Discovery };

/**
 * Finds the server of a home, or starts one; a newer client replaces an older server. Throws
 * `server_unreachable` when there is none and none may be started, `database_mismatch` when it runs on another
 * database than `POSTGRES_DSN` names, and the server's own error when it cannot start.
 */
export async function connectOrStart(options: ConnectOptions): Promise<Connection> {
  const { home, serverPath, startIfNeeded = true } = options;
  const dsn = { ...process.env, ...options.env }.POSTGRES_DSN;
  const found = await findServer(home);
  if (!serverPath || !startIfNeeded) {
    if (found) return connectionTo(options, sameDatabase(found, dsn));
    throw new TurnkeepError(
      'server_unreachable',
      'No Turnkeep server is running. It starts by itself with the first capture, or with "turnkeep serve".',
    );
  }
  if (found && !isOlder(found.version, options.version)) {
    return connectionTo(options, sameDatabase(found, dsn));
  }
  if (found) await stopServer(home, found, `replaced by version ${options.version}`);
  const { nodePath, env, serverArgs } = options;
  const discovery = await startServer({
    home,
    serverPath,
    ...(nodePath === undefined ? {} : { nodePath }),
    ...(env === undefined ? {} : { env }),
    ...(serverArgs === undefined ? {} : { args: serverArgs }),
  });
  return connectionTo(options, sameDatabase(discovery, dsn));
}

/** The server, if it runs on the database that `POSTGRES_DSN` names (or none is named). */
function sameDatabase(server: Discovery, dsn: string | undefined): Discovery {
  if (!dsn || !server.database || server.database === databaseFingerprint(dsn)) return server;
  throw new TurnkeepError(
    'database_mismatch',
    `The running server (process ${server.pid}) uses another database than POSTGRES_DSN names. End it with "turnkeep stop" and try again, or give the other database a home of its own with TURNKEEP_HOME.`,
  );
}

async function connectionTo(options: ConnectOptions, discovery: Discovery): Promise<Connection> {
  const { url } = discovery;
  const { client, refused } = options;
  const homeToken = () => readToken(options.home);
  const token = client ? await ownToken({ url, homeToken, refused }, client) : await homeToken();
  return { url, token, discovery };
}

function isOlder(found: string, wanted: string | undefined): boolean {
  return wanted !== undefined && !!valid(found) && !!valid(wanted) && lt(found, wanted);
}

/**
 * Asks a server to stop and waits until it has left the home. A server that is gone already is no
 * error. Throws `conflict` when it refuses or stays.
 */
export async function stopServer(home: Home, server: Discovery, reason: string): Promise<void> {
  const { url } = server;
  const token = await readToken(home);
  try {
    await callTool({ url, token }, 'stop_server', { reason });
  } catch (thrown) {
    if (!isGoing(thrown)) {
      const { message } = toTurnkeepError(thrown);
      throw new TurnkeepError(
        'conflict',
        `The server (version ${server.version}, process ${server.pid}) refused to stop: ${message} End that process, then try again.`,
        { cause: thrown },
      );
    }
  }
  await waitUntilGone(home, server, STOP_TIMEOUT_MS);
}

/** It is gone, or ends already. */
function isGoing(thrown: unknown): boolean {
  if (thrown instanceof ConnectionError) return true;
  return thrown instanceof TurnkeepError && thrown.code === 'shutting_down';
}

/**
 * Waits until a server has let go of its home: its process is gone, or it has released its lock
 * and taken its `server.json` away, or another server has taken its place. Throws `conflict` after `timeoutMs`.
 */
export async function waitUntilGone(
  home: Home,
  server: Discovery,
  timeoutMs: number,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (Date.now() < end) {
    if (!processAlive(server.pid)) return;
    const current = await readDiscovery(home);
    if (current && (current.pid !== server.pid || current.started_at !== server.started_at)) return;
    const lock = await readLockState(home);
    if (!current && (!lock || lock.released || lock.pid !== server.pid)) return;
    await delay(25);
  }
  throw new TurnkeepError(
    'conflict',
    `The server (version ${server.version}, process ${server.pid}) was asked to stop and is still there after ${Math.round(timeoutMs / 1000)} s. See "turnkeep logs", or end that process.`,
  );
}
