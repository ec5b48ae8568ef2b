import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseFingerprint } from '../../src/contracts/fingerprint.ts';
import { healthSchema } from '../../src/contracts/server.ts';
import {
  launch,
  makeHome,
  removeHome,
  startTestServer,
  type TestServer,
  until,
} from '../support/server.ts';

let home: string;
const running: TestServer[] = [];
beforeEach(async () => {
  home = await makeHome();
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop('SIGKILL');
  await removeHome(home);
});

async function start(options: { args?: string[]; env?: Record<string, string> } = {}) {
  const server = await startTestServer({ home, ...options });
  running.push(server);
  return server;
}

const discovery = async () => JSON.parse(await readFile(join(home, 'server.json'), 'utf8'));

describe('start and stop', () => {
  it('keeps what was captured over a stop; the home is for the person alone', async () => {
    const first = await start();
    expect(await discovery()).toMatchObject({ pid: first.child.pid, url: first.url });
    if (process.platform !== 'win32') {
      expect((await stat(join(home, 'token'))).mode & 0o777).toBe(0o600);
      expect((await stat(home)).mode & 0o777).toBe(0o700);
    }
    const turn = await first.call('capture_turns', { turns: [{ query: 'q', response: 'a' }] });
    expect(await first.stop()).toBe(0);
    await expect(discovery()).rejects.toThrow();
    const second = await start();
    expect(second.token).toBe(first.token);
    const { messages } = await second.call('get_session', { session_id: turn.session_id });
    expect(messages.map((message) => message.content)).toEqual(['q', 'a']);
  });

  it('a second server yields to the first and reports it', async () => {
    const first = await start();
    const { child, report } = await launch(home);
    expect(report).toMatchObject({ ready: true, pid: first.child.pid, url: first.url });
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(0);
  });

  it('of several started at once one serves and the others report it', async () => {
    const launches = await Promise.all([launch(home), launch(home), launch(home)]);
    const urls = new Set(launches.map(({ report }) => report.ready && report.url));
    expect(urls.size).toBe(1);
    const owner = await discovery();
    for (const { child } of launches) {
      if (child.pid === owner.pid) continue;
      if (child.exitCode === null) await once(child, 'exit');
    }
    process.kill(owner.pid, 'SIGTERM');
    const child = launches.find((candidate) => candidate.child.pid === owner.pid)?.child;
    if (child && child.exitCode === null) await once(child, 'exit');
  });

  it('takes the next port when its own is taken', async () => {
    const blocker = createServer();
    blocker.listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const address = blocker.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const server = await start({ args: ['--port', String(port)] });
    expect(Number(new URL(server.url).port)).toBeGreaterThan(port);
    expect((await discovery()).url).toBe(server.url);
    blocker.close();
  });

  it('stops when a client asks, after it has answered', async () => {
    const server = await start();
    const ended = once(server.child, 'exit');
    expect(await server.call('stop_server', { reason: 'test' })).toMatchObject({ stopping: true });
    expect((await ended)[0]).toBe(0);
  });

  it('finishes what is under way before it stops', async () => {
    const server = await start();
    const turns = Array.from({ length: 500 }, (_, index) => ({
      query: `q${index}`,
      response: 'a',
    }));
    const batch = server.call('capture_turns', { turns });
    await until(async () => (await fetch(`${server.url}/health`)).ok, 'health');
    const stopped = server.stop();
    const { session_id } = await batch;
    expect(await stopped).toBe(0);
    const again = await start();
    const { session } = await again.call('get_session', { session_id, limit: 1 });
    expect(session.message_count).toBe(1000);
  });

  it('ends by itself when nobody has used it, and a look at its health is no use', async () => {
    const server = await start({ args: ['--idle-exit', '0.02'] });
    const ended = once(server.child, 'exit');
    const looks = setInterval(() => void fetch(`${server.url}/health`).catch(() => {}), 500);
    expect((await ended)[0]).toBe(0);
    clearInterval(looks);
  });

  it('ends when its home is taken away, and never serves without its lock', async () => {
    const server = await start();
    const ended = once(server.child, 'exit');
    await rm(join(home, 'lock'), { recursive: true });
    expect((await ended)[0]).toBe(1);
  });
});

describe('crash', () => {
  it('kill -9 during captures loses nothing that was acknowledged, and the folder opens', async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const server = await start();
      let down = false;
      const writers = Array.from({ length: 4 }, async (_, writer) => {
        for (let index = 0; !down; index += 1) {
          const query = `r${round} w${writer} n${index}`;
          await server
            .call('capture_user_query', { query })
            .then(() => acknowledged.push(query))
            .catch(() => {
              down = true;
            });
        }
      });
      await until(async () => acknowledged.length > (round + 1) * 60, 'captures');
      server.child.kill('SIGKILL');
      await once(server.child, 'exit');
      await Promise.all(writers);
    }
    const server = await start();
    const { lines } = await server.call('export_messages', { limit: 500 });
    const stored = lines.map((line) => line.content);
    expect(new Set(stored).size).toBe(stored.length);
    expect(acknowledged.filter((query) => !stored.includes(query))).toEqual([]);
  });
});

describe('the spool', () => {
  const entry = (event_id: string, more: Record<string, unknown> = {}) => ({
    v: 1,
    event_id,
    created_at: '2026-01-02T03:04:05.000Z',
    tool: 'capture_user_query',
    arguments: { query: `waited ${event_id}` },
    context: { project: { key: 'name:spool', name: 'spool' }, client: 'cli', origin: 'cli' },
    ...more,
  });

  it('is taken in order, once, with its own time; what is not understood is set aside', async () => {
    await mkdir(join(home, 'spool'), { recursive: true });
    const put = (name: string, value: unknown) =>
      writeFile(
        join(home, 'spool', name),
        typeof value === 'string' ? value : JSON.stringify(value),
      );
    await put('20260102T030405000Z-a.json', entry('a'));
    await put('20260102T030405001Z-b.json', entry('b'));
    await put('20260102T030405002Z-b2.json', entry('b'));
    await put('20260102T030405003Z-c.json', '{"v":1,');
    await put('20260102T030405004Z-d.json', entry('d', { arguments: { query: '' } }));
    const server = await start();
    await until(async () => (await readdir(join(home, 'spool'))).join() === 'dead', 'the spool');
    const { lines } = await server.call('export_messages', { project: 'spool' });
    expect(lines).toMatchObject([
      { content: 'waited a', created_at: '2026-01-02T03:04:05.000Z' },
      { content: 'waited b' },
    ]);
    const health = healthSchema.parse(await (await fetch(`${server.url}/health`)).json());
    expect(health.spool).toEqual({ waiting: 0, dead: 2 });
    const dead = await readdir(join(home, 'spool', 'dead'));
    expect(dead.filter((name) => name.endsWith('.error.txt'))).toHaveLength(2);
    await put('20260102T030406000Z-e.json', entry('e'));
    await until(async () => (await readdir(join(home, 'spool'))).length === 1, 'the late one');
  });
});

describe('a stop while the spool is taken in', () => {
  it('leaves what was not taken for the next server', async () => {
    const spool = join(home, 'spool');
    await mkdir(spool, { recursive: true });
    const COUNT = 300;
    for (let n = 0; n < COUNT; n += 1) {
      const entry = {
        v: 1,
        event_id: `s${n}`,
        created_at: '2026-01-02T03:04:05.000Z',
        tool: 'capture_user_query',
        arguments: { query: `waited ${n}` },
        context: { project: { key: 'name:spool', name: 'spool' }, client: 'cli', origin: 'cli' },
      };
      const name = `20260102T030405${String(n).padStart(3, '0')}Z-s${n}.json`;
      await writeFile(join(spool, name), JSON.stringify(entry));
    }
    const waiting = async () =>
      (await readdir(spool)).filter((name) => name.endsWith('.json')).length;
    const first = await start();
    await until(async () => (await waiting()) < COUNT - 5, 'some of the spool');
    expect(await first.stop()).toBe(0);
    const second = await start();
    await until(async () => (await waiting()) === 0, 'the rest of the spool');
    const health = healthSchema.parse(await (await fetch(`${second.url}/health`)).json());
    expect(health.spool.dead).toBe(0);
    const { stats } = await second.call('get_conversation_stats', {});
    expect(stats.totals.messages).toBe(COUNT);
  });

  it('an entry for another database waits for that one', async () => {
    const spool = join(home, 'spool');
    await mkdir(spool, { recursive: true });
    const entry = {
      v: 1,
      event_id: 'other',
      created_at: '2026-01-02T03:04:05.000Z',
      tool: 'capture_user_query',
      arguments: { query: 'for mock' },
      context: {},
      database: databaseFingerprint('mock://test'),
    };
    await writeFile(join(spool, '20260102T030405000Z-other.json'), JSON.stringify(entry));
    const embedded = await start();
    await embedded.call('capture_user_query', { query: 'mine' });
    expect((await embedded.call('get_conversation_stats', {})).stats.totals.messages).toBe(1);
    expect(await readdir(spool)).toHaveLength(1);
    await embedded.stop();
    const other = await start({ env: { POSTGRES_DSN: 'mock://test' } });
    await until(async () => (await readdir(spool)).length === 0, 'the entry');
    expect((await other.call('get_conversation_stats', {})).stats.totals.messages).toBe(1);
  });
});

describe('a home that is not right', () => {
  it('of another PostgreSQL major is refused with the mend and left as it is', async () => {
    await mkdir(join(home, 'data'), { recursive: true });
    await writeFile(join(home, 'data', 'PG_VERSION'), '16\n');
    const { child, report } = await launch(home);
    expect(report).toMatchObject({ ready: false, error: { code: 'data_version_mismatch' } });
    const message = report.ready ? '' : report.error.message;
    expect(message).toContain('16');
    expect(message).toContain('turnkeep db restore');
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).not.toBe(0);
    expect(await readFile(join(home, 'data', 'PG_VERSION'), 'utf8')).toBe('16\n');
    const aside = await start({ args: ['--set-aside-data'] });
    expect((await readdir(home)).some((name) => name.startsWith('data.pg16-'))).toBe(true);
    await aside.call('capture_user_query', { query: 'fresh' });
  });

  it('that cannot be written says so', async () => {
    const blocked = join(home, 'file');
    await writeFile(blocked, '');
    const { report } = await launch(join(blocked, 'home'));
    expect(report).toMatchObject({ ready: false, error: { code: 'home_unwritable' } });
    expect(report.ready ? '' : report.error.message).toContain('TURNKEEP_HOME');
  });

  it.runIf(process.platform === 'linux')(
    'that is on a read-only or a full disk says so, and loses nothing',
    async () => {
      if (process.getuid?.() !== 0) throw new Error('needs root for a file system of its own');
      await mkdir(join(home, 'small'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=120m', 'tmpfs', join(home, 'small')]);
      try {
        const small = await startTestServer({ home: join(home, 'small') });
        running.push(small);
        const kept = await small.call('capture_user_query', { query: 'kept' });
        const filler = join(home, 'small', 'filler');
        execFileSync('sh', ['-c', `dd if=/dev/zero of=${filler} bs=1M 2>/dev/null || true`]);
        const big = 'x'.repeat(2 * 1024 * 1024);
        await expect(small.call('capture_user_query', { query: big })).rejects.toThrow(
          /storage_failed|database_unavailable/,
        );
        await rm(filler);
        const later = await until(
          () => small.call('capture_user_query', { query: 'later' }).catch(() => null),
          'a capture after there was space again',
        );
        expect(later.session_id).toBe(kept.session_id);
        await small.stop();
        execFileSync('mount', ['-o', 'remount,ro', join(home, 'small')]);
        const { report } = await launch(join(home, 'small'));
        expect(report).toMatchObject({ ready: false, error: { code: 'home_unwritable' } });
      } finally {
        execFileSync('umount', ['-l', join(home, 'small')]);
      }
    },
  );
});

describe('the permissions of an existing home', () => {
  it.runIf(process.platform !== 'win32')('are tightened when others could read it', async () => {
    await chmod(home, 0o755);
    const server = await start({ env: { POSTGRES_DSN: 'mock://test' } });
    expect((await stat(home)).mode & 0o777).toBe(0o700);
    await server.stop();
  });
});
