import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { processAlive } from '../../src/client/processAlive.ts';
import type { CaptureResult, MessageLine } from '../../src/contracts/conversations.ts';
import { type Discovery, discoverySchema, type ServerStatus } from '../../src/contracts/server.ts';
import { until } from '../support/server.ts';
import { type CliHome, cliHome, cliPath, jsonError } from './run.ts';

let cli: CliHome;
const children: ChildProcess[] = [];
beforeAll(async () => {
  cli = await cliHome();
});
afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  await cli.stop();
});
afterAll(() => cli.remove());

const discoveryOf = async (): Promise<Discovery> => {
  return discoverySchema.parse(JSON.parse(await readFile(join(cli.home, 'server.json'), 'utf8')));
};

const contentsOf = async (project: string) => {
  const lines = await cli.json<MessageLine[]>(['export', '--project', project]);
  return lines.map(({ content }) => content);
};

/** A long-running verb; gives its lines of output as they come. */
function begin(args: string[], env = {}) {
  const child = spawn(process.execPath, [cliPath, ...args], {
    env: cli.env(env),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => String((await lines.next()).value);
  return { child, next };
}

describe('the server behind the command line', () => {
  it('is started once by two captures at the same moment', async () => {
    const captures = [1, 2, 3].map((n) => {
      return cli.json<CaptureResult>(['capture-turn', `q${n}`, 'r', '--project', 'both']);
    });
    const kept = await Promise.all(captures);
    expect(new Set(kept.map(({ session_id }) => session_id)).size).toBe(1);
    const status = await cli.json<ServerStatus>(['status']);
    expect(status.pid).toBe((await discoveryOf()).pid);
    expect(await contentsOf('both')).toHaveLength(6);
  });

  it('is started again when it was killed, with everything there', async () => {
    await cli.json(['capture-turn', 'before', 'r', '--project', 'killed']);
    const { pid } = await discoveryOf();
    process.kill(pid, 'SIGKILL');
    await until(async () => !processAlive(pid), 'the end of the server');
    await cli.json(['capture-turn', 'after', 'r', '--project', 'killed']);
    expect((await discoveryOf()).pid).not.toBe(pid);
    expect(await contentsOf('killed')).toEqual(['before', 'r', 'after', 'r']);
  });

  it('is replaced when it is older, and used when it is newer', async () => {
    await cli.json(['capture-turn', 'old server', 'r', '--project', 'replaced']);
    const first = await discoveryOf();
    await writeFile(join(cli.home, 'server.json'), JSON.stringify({ ...first, version: '99.0.0' }));
    await cli.json(['stats']);
    expect((await discoveryOf()).pid).toBe(first.pid);
    await writeFile(join(cli.home, 'server.json'), JSON.stringify({ ...first, version: '0.0.1' }));
    expect(await contentsOf('replaced')).toEqual(['old server', 'r']);
    const second = await discoveryOf();
    expect(second.pid).not.toBe(first.pid);
    await until(async () => !processAlive(first.pid), 'the end of the old server');
  });
});

describe('two databases', () => {
  it('are not mixed up: a server on another one than POSTGRES_DSN names is refused', async () => {
    await cli.json(['stats']);
    const ran = await cli.run(['capture-query', 'q', '--json'], {
      env: { POSTGRES_DSN: 'mock://test' },
    });
    expect(ran.code).toBe(1);
    expect(jsonError(ran)).toMatchObject({
      code: 'database_mismatch',
      message: expect.stringContaining('turnkeep stop'),
    });
  });
});

describe('status and stop', () => {
  it('show the running server and end it; without one status is exit code 3', async () => {
    const none = await cli.run(['status']);
    expect(none).toMatchObject({ code: 3, stdout: '' });
    expect(none.stderr).toContain('No Turnkeep server is running');
    expect(await cli.json(['stop'])).toEqual({ stopped: false, pid: null });
    await cli.json(['stats']);
    const { pid, url } = await discoveryOf();
    const told = await cli.run(['status']);
    expect(told.stdout).toContain(`${url} (process ${pid}, version`);
    expect(told.stdout).toMatch(/Database +PGlite/);
    expect(await cli.json(['stop'])).toEqual({ stopped: true, pid });
    expect((await cli.run(['status', '--json'])).code).toBe(3);
    await until(async () => !processAlive(pid), 'the end of the server');
  });
});

describe('serve', () => {
  it('runs until it is told to end, and yields to a server that is there', async () => {
    const { child, next } = begin(['serve', '--port', '0', '--json']);
    const report = JSON.parse(await next());
    expect(report).toMatchObject({
      ready: true,
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:/),
    });
    expect((await cli.json<ServerStatus>(['status'])).idle_exit_minutes).toBe(0);
    const second = await cli.run(['serve', '--port', '0']);
    expect(second).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`runs already at ${report.url}`),
    });
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
    await until(async () => !processAlive(report.pid), 'the end of the server');
    expect((await cli.run(['status'])).code).toBe(3);
  });

  it("tells the server's own error", async () => {
    const ran = await cli.run(['serve', '--json'], { env: { TURNKEEP_LOG_LEVEL: 'loud' } });
    expect(ran.code).toBe(2);
    expect(jsonError(ran).message).toContain('TURNKEEP_LOG_LEVEL');
  });
});

describe('token', () => {
  it('says where it is, and shows it only when asked', async () => {
    const unused = { env: { TURNKEEP_HOME: join(cli.home, 'unused') } };
    expect((await cli.run(['token'], unused)).code).toBe(4);
    await cli.json(['stats']);
    const secret = (await readFile(join(cli.home, 'token'), 'utf8')).trim();
    const where = await cli.run(['token']);
    expect(where.stdout.trim()).toBe(join(cli.home, 'token'));
    expect((await cli.run(['token', '--show'])).stdout.trim()).toBe(secret);
    expect(await cli.json(['token'])).toEqual({ file: join(cli.home, 'token') });
  });
});

describe('logs', () => {
  it('shows the last lines, and new ones as they come', async () => {
    const unused = { env: { TURNKEEP_HOME: join(cli.home, 'unused') } };
    expect((await cli.run(['logs'], unused)).stderr).toContain('no log');
    await cli.json(['stats']);
    const entries = await cli.json<{ msg: string }[]>(['logs', '-n', '5']);
    expect(entries.map(({ msg }) => msg)).toContain('server ready');
    expect((await cli.run(['logs'])).stdout).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d info {2}server ready/m,
    );
    const { next } = begin(['logs', '-f', '-n', '0']);
    const line = next();
    const logged = Promise.race([line, until(async () => false, 'a line of the log', 15_000)]);
    // Following begins at some moment after the start: each stop and start adds lines until then.
    let seen: unknown;
    void logged.then((text) => {
      seen = text;
    });
    while (seen === undefined) {
      await cli.json(['stop']);
      await cli.json(['stats']);
    }
    expect(seen).toMatch(/server (stops|ready)/);
  });
});

describe('logs -f beside a running server', () => {
  it('tells what the server says, its last words and what the next one says, each once', async () => {
    await cli.json(['stats']);
    const { child } = begin(['logs', '-f', '-n', '1']);
    const seen: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => seen.push(line));
    await until(async () => seen.length > 0, 'the last line');
    const issue = ['auth', 'issue', 'logged', '--permissions', 'memory:read'];
    const told = (text: string) =>
      until(async () => seen.some((line) => line.includes(text)), text);
    await cli.json(issue);
    await told('token issued');
    await cli.json(['stop']);
    await told('server stops');
    await cli.json(['stats']);
    await told('server ready');
    await cli.json([...issue.slice(0, 2), 'later', ...issue.slice(3)]);
    await told('name=later');
    expect(seen.filter((line) => line.includes('name=logged'))).toHaveLength(1);
    expect(new Set(seen).size).toBe(seen.length);
    child.kill('SIGKILL');
  });
});

describe('a capture without a server', () => {
  const nowhere = { POSTGRES_DSN: 'postgres://nobody:secret@127.0.0.1:9/none' };
  /** The server refuses to start. */
  const broken = { TURNKEEP_LOG_LEVEL: 'nonsense' };

  it('waits for the database that it was meant for', async () => {
    const told = await cli.run(['capture-query', 'elsewhere'], { env: nowhere });
    expect(told).toMatchObject({ code: 0, stdout: '' });
    expect(told.stderr).not.toContain('secret');
    const spool = join(cli.home, 'spool');
    const [name = ''] = await readdir(spool);
    expect(JSON.parse(await readFile(join(spool, name), 'utf8')).database).toMatch(/^dsn:/);
    await rm(join(spool, name));
  });

  it('is kept in the spool and arrives, once', async () => {
    const p = ['--project', 'spooled'];
    const ran = await cli.run(['capture-turn', 'q', 'r', '--json', ...p], { env: broken });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(ran.stdout)).toEqual({ spooled: true, event_id: expect.any(String) });
    const told = await cli.run(['capture-query', 'q2', ...p], { env: broken });
    expect(told).toMatchObject({ code: 0, stdout: '' });
    expect(told.stderr).toContain('arrives when a server runs again');
    expect(await readdir(join(cli.home, 'spool'))).toHaveLength(2);
    await cli.json(['stats']);
    const lines = await until(async () => {
      const ran = await cli.run(['export', '--json', ...p]);
      const all: MessageLine[] = ran.code === 0 ? JSON.parse(ran.stdout) : [];
      return all.length >= 3 && all;
    }, 'the spool to be taken in');
    expect(lines.map(({ content, project }) => [content, project])).toEqual([
      ['q', 'spooled'],
      ['r', 'spooled'],
      ['q2', 'spooled'],
    ]);
  });

  it('counts the turns of a batch that wait', async () => {
    const input = '{"query":"q","response":"r"}\n{"query":"q","response":"r"}\n';
    const done = await cli.json(['capture-batch', '-'], { input, env: broken });
    expect(done).toMatchObject({ captured: 0, spooled: 2 });
  });

  it('fails other verbs with what is wrong', async () => {
    const ran = await cli.run(['stats', '--json'], { env: nowhere });
    expect(ran.code).toBe(1);
    expect(jsonError(ran).code).toBe('database_unavailable');
  });

  it.runIf(process.platform !== 'win32')(
    'says that nothing was stored when the home is no folder',
    async () => {
      const file = join(cli.home, 'file');
      await writeFile(file, '');
      const ran = await cli.run(['capture-query', 'q', '--json'], { env: { TURNKEEP_HOME: file } });
      expect(ran).toMatchObject({ code: 1, stdout: '' });
      expect(jsonError(ran)).toMatchObject({
        code: 'home_unwritable',
        message: expect.stringContaining('Nothing was stored'),
      });
    },
  );
});
