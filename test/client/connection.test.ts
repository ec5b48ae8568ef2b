import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectOrStart, stopServer } from '../../src/client/connection.ts';
import { findServer, readDiscovery } from '../../src/client/discovery.ts';
import { startServer } from '../../src/client/startServer.ts';
import { type Home, homeLayout } from '../../src/contracts/home.ts';
import { makeHome, removeHome } from '../support/server.ts';
import { type FakeServer, fakeServer } from './fakeServer.ts';

const serverPath = fileURLToPath(new URL('fixtures/server.mjs', import.meta.url));
let home: Home;
const servers: FakeServer[] = [];
beforeEach(async () => {
  home = homeLayout({ TURNKEEP_HOME: await makeHome() });
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  const left = await findServer(home);
  if (left) await stopServer(home, left, 'test');
  await removeHome(home.root);
});

function start(options: Record<string, unknown> = {}, timeoutMs = 20_000) {
  return startServer({ home, serverPath, args: [JSON.stringify(options)], timeoutMs });
}

async function writeDiscovery(discovery: object) {
  await writeFile(home.discovery, JSON.stringify(discovery));
}

describe('startServer', () => {
  it('waits for the report and leaves the server running', async () => {
    const discovery = await start();
    expect(discovery).toMatchObject({
      version: '1.0.0',
      url: expect.stringContaining('127.0.0.1'),
    });
    expect(await findServer(home)).toEqual(discovery);
  });

  it("throws the server's own error", async () => {
    const error = { code: 'data_version_mismatch', message: 'PostgreSQL 17: restore a backup.' };
    await expect(start({ error })).rejects.toMatchObject(error);
  });

  it('tells what Node said when the server dies without a report', async () => {
    await expect(start({ dies: true })).rejects.toMatchObject({
      code: 'server_unreachable',
      message: expect.stringMatching(/exit code 1[\s\S]*boom at start/),
    });
    // Only the lines of this start: the log goes on from the one before.
    await expect(start({ noise: true })).rejects.toThrow(/something else than a report/);
    expect(await readFile(`${home.logs}/server.stderr.log`, 'utf8')).toContain('boom');
  });

  it('gives up after the time it was given', async () => {
    await expect(start({ silent: true }, 300)).rejects.toMatchObject({
      code: 'server_unreachable',
      message: expect.stringContaining('turnkeep logs'),
    });
  });

  it('says that the program is missing, and that Node cannot be run', async () => {
    await expect(startServer({ home, serverPath: '/gone/server.mjs' })).rejects.toThrow(/missing/);
    const nodePath = '/gone/node';
    await expect(startServer({ home, serverPath, nodePath })).rejects.toThrow(
      /could not be started/,
    );
  });
});

describe('findServer', () => {
  it.each([
    ['no file', null],
    ['a malformed file', '{"pid":'],
    ['another shape', '{"pid":"x"}'],
  ])('is null for %s', async (_, text) => {
    if (text) await writeFile(home.discovery, text);
    expect(await findServer(home)).toBeNull();
  });

  it('is null when the process is gone, nothing listens, or something else answers', async () => {
    const other = await fakeServer(() => ({ body: { service: 'other' } }));
    servers.push(other);
    const said = { pid: process.pid, url: other.url, version: '1.0.0', started_at: '' };
    await writeDiscovery(said);
    expect(await findServer(home)).toBeNull();
    await other.close();
    expect(await findServer(home)).toBeNull();
    const turnkeep = await fakeServer(() => ({ body: { service: 'turnkeep' } }));
    servers.push(turnkeep);
    await writeDiscovery({ ...said, url: turnkeep.url, pid: 2 ** 22 + 1 });
    expect(await findServer(home)).toBeNull();
    await writeDiscovery({ ...said, url: turnkeep.url });
    expect(await findServer(home)).not.toBeNull();
  });

  it('never asks an address that is not loopback', async () => {
    await writeDiscovery({
      pid: process.pid,
      url: 'http://192.0.2.1:3000',
      version: '1.0.0',
      started_at: '',
    });
    expect(await findServer(home)).toBeNull();
  });
});

describe('connectOrStart', () => {
  const options = (version?: string, serverVersion = '1.0.0') => ({
    home,
    serverPath,
    serverArgs: [JSON.stringify({ version: serverVersion })],
    ...(version ? { version } : {}),
  });

  it('starts a server, then finds it, with its token', async () => {
    const first = await connectOrStart(options('1.0.0'));
    expect(first.token).toBe(await readFile(home.token, 'utf8'));
    expect(await connectOrStart(options('1.0.0'))).toEqual(first);
  });

  it('does not start one without leave', async () => {
    const refused = { code: 'server_unreachable' };
    await expect(connectOrStart({ home })).rejects.toMatchObject(refused);
    await expect(connectOrStart({ ...options(), startIfNeeded: false })).rejects.toMatchObject(
      refused,
    );
    expect(await readDiscovery(home)).toBeNull();
  });

  it('replaces an older server by its own, and uses a newer one', async () => {
    const old = await connectOrStart(options('1.0.0'));
    const onlyLooking = await connectOrStart({ ...options('1.10.0'), startIfNeeded: false });
    expect(onlyLooking.discovery.pid).toBe(old.discovery.pid);
    const fresh = await connectOrStart(options('1.10.0', '1.10.0'));
    expect(fresh.discovery).toMatchObject({ version: '1.10.0' });
    expect(fresh.discovery.pid).not.toBe(old.discovery.pid);
    const older = await connectOrStart(options('1.9.0'));
    expect(older.discovery.pid).toBe(fresh.discovery.pid);
  });

  it('starts over when server.json was left by a crash', async () => {
    await mkdir(home.root, { recursive: true });
    await writeDiscovery({
      pid: 2 ** 22 + 1,
      url: 'http://127.0.0.1:9',
      version: '9.0.0',
      started_at: '',
    });
    expect((await connectOrStart(options('1.0.0'))).discovery.version).toBe('1.0.0');
  });

  it('says when a server refuses to stop', async () => {
    const { discovery } = await connectOrStart(options('1.0.0'));
    const token = await readFile(home.token, 'utf8');
    const deaf = await fakeServer(() => ({ status: 401, body: {} }));
    servers.push(deaf);
    const refusing = { ...discovery, url: deaf.url };
    await expect(stopServer(home, refusing, 'test')).rejects.toMatchObject({ code: 'conflict' });
    await rm(home.token);
    await expect(connectOrStart(options())).rejects.toMatchObject({ code: 'unauthenticated' });
    await writeFile(home.token, token);
  });
});
