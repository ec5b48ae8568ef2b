import { once } from 'node:events';
import { appendFile, mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImportJob } from '../../src/contracts/capture.ts';
import type { ToolInput } from '../../src/contracts/tools.ts';
import { settingsFolder } from '../../src/server/capture/readers/shared/editors.ts';
import { claudeTurn, type HistoryHome, makeHistoryHome } from '../support/historyHome.ts';
import {
  makeHome,
  removeHome,
  startTestServer,
  type TestServer,
  until,
} from '../support/server.ts';
import { bubbles, composer, Writer } from '../unit/capture/cursorStores.ts';

const SESSION = '0a0a0a0a-1111-4111-8111-000000000001';
const cleanUp: (() => Promise<unknown>)[] = [];

/** A server of its own for a made-up person. */
async function serve(person: HistoryHome, home?: string): Promise<TestServer> {
  const server = await startTestServer({ env: person.env, ...(home ? { home } : {}) });
  cleanUp.push(() => server.stop());
  return server;
}

async function person(): Promise<HistoryHome> {
  const made = await makeHistoryHome();
  cleanUp.push(made.remove);
  return made;
}

afterAll(async () => {
  for (const clean of cleanUp.reverse()) await clean();
});

/** Waits for the end of an import. */
function ended(server: TestServer, { job_id }: ImportJob): Promise<ImportJob> {
  return until(async () => {
    const job = await server.call('get_import_job', { job_id });
    return job.state === 'running' ? null : job;
  }, 'the end of an import');
}

async function bringIn(server: TestServer, input: ToolInput<'import_history'>): Promise<ImportJob> {
  return ended(server, await server.call('import_history', input));
}

async function turnsStored(server: TestServer): Promise<number> {
  const { stats } = await server.call('get_conversation_stats', {});
  return stats.totals.turns;
}

describe('history of this machine', () => {
  let someone: HistoryHome;
  let server: TestServer;
  let transcript: string;
  beforeAll(async () => {
    someone = await person();
    await mkdir(join(someone.folder, 'work', 'site'), { recursive: true });
    transcript = await someone.claude(SESSION, 3);
    const codex = 'rollout-2026-08-01T12-00-00-dd44ee55-0000-4000-8000-000000000001.jsonl';
    await someone.put(`codex/envelope-events/${codex}`, `.codex/sessions/2026/08/01/${codex}`);
    await someone.put(
      'specstory/cursor-2025/2025-10-01_23-30Z-birds-do-not-fly.md',
      '.specstory/history/2025-10-01_23-30Z-birds-do-not-fly.md',
    );
    server = await serve(someone);
    cleanUp.push(() => removeHome(server.home));
  });

  it('is found, with its agents, projects and sizes', async () => {
    const { sources } = await server.call('find_history', {});
    expect(sources.map(({ agent }) => agent).sort()).toEqual(['claude-code', 'codex', 'specstory']);
    const claude = sources.find(({ agent }) => agent === 'claude-code');
    expect(claude).toMatchObject({
      path: transcript,
      conversations: 1,
      projects: [{ name: 'site', conversations: 1 }],
      read_at: null,
    });
    expect(claude?.bytes).toBeGreaterThan(500);
    const { sources: one } = await server.call('find_history', { agents: ['codex'] });
    expect(one.map(({ agent, projects }) => [agent, projects[0]?.name])).toEqual([
      ['codex', 'game'],
    ]);
  });

  it('is brought in by project, with what was not understood by file and line', async () => {
    const job = await bringIn(server, { projects: ['site'] });
    expect(job).toMatchObject({ state: 'done', turns: { added: 3, completed: 0, known: 0 } });
    expect(job.sources).toEqual({ done: 3, total: 3 });
    expect(job.bytes.done).toBe(job.bytes.total);
    const rest = await bringIn(server, { agents: ['codex'] });
    expect(rest.turns.added).toBeGreaterThanOrEqual(2);
    const strange = rest.problems.find(({ reason }) => reason.includes('volcano'));
    expect(strange?.file).toMatch(/rollout-.*\.jsonl$/);
    expect(strange?.at).toBeTypeOf('number');
    const { sources } = await server.call('find_history', { agents: ['codex'] });
    expect(sources[0]?.read_at).toMatch(/^20\d\d-/);
  });

  it('is known the second time, read again or not', async () => {
    const first = await bringIn(server, {});
    const stored = await turnsStored(server);
    const second = await bringIn(server, {});
    expect(second.turns).toMatchObject({ added: 0, completed: 0 });
    expect(second.turns.known).toBe(first.turns.added + first.turns.known);
    const again = await bringIn(server, { again: true });
    expect(again.turns).toMatchObject({ added: 0, known: second.turns.known });
    expect(await turnsStored(server)).toBe(stored);
  });

  it('stays deleted until it is asked for again', async () => {
    const { sessions } = await server.call('list_sessions', { project: 'site' });
    const { messages } = await server.call('get_session', {
      session_id: sessions[0]?.session_id ?? '',
    });
    const turn_id = messages.find(({ content }) => content.startsWith('Question 1'))?.turn_id ?? '';
    await server.call('delete_conversations', { turn_id });
    const stored = await turnsStored(server);
    await utimes(transcript, new Date(), new Date());
    const later = await bringIn(server, { agents: ['claude-code'] });
    expect(later.turns).toMatchObject({ added: 0, known: 3 });
    expect(await turnsStored(server)).toBe(stored);
    const again = await bringIn(server, { agents: ['claude-code'], again: true });
    expect(again.turns).toMatchObject({ added: 1, known: 2 });
  });

  it('leaves out what the settings exclude', async () => {
    const secret = join(someone.folder, 'work', 'secret');
    await someone.claude('0a0a0a0a-1111-4111-8111-000000000002', 2, join(secret, 'deep'));
    await server.call('set_capture_settings', { exclude: { folders: [secret] } });
    const job = await bringIn(server, { agents: ['claude-code'] });
    expect(job).toMatchObject({ turns: { added: 0 }, excluded: 1 });
    await server.call('set_capture_settings', { exclude: { folders: [] } });
    expect((await bringIn(server, { agents: ['claude-code'] })).turns.added).toBe(2);
  });

  it('is read from a file or folder that is named', async () => {
    const folder = join(someone.folder, 'elsewhere');
    await mkdir(join(folder, 'deep'), { recursive: true });
    const session = '0a0a0a0a-1111-4111-8111-000000000003';
    const file = join(folder, 'deep', `${session}.jsonl`);
    await writeFile(file, claudeTurn(session, 0, '/no/such/folder'));
    await writeFile(join(folder, 'other.jsonl'), '{"a":1}\n');
    await writeFile(join(folder, 'notes.txt'), 'nothing');
    const { sources } = await server.call('find_history', { path: folder });
    expect(sources.map(({ path }) => path)).toEqual([file]);
    const job = await bringIn(server, { path: folder });
    expect(job.turns.added).toBe(1);
    expect(job.problems).toEqual([
      { file: join(folder, 'other.jsonl'), at: null, reason: expect.stringContaining('not a') },
    ]);
    await expect(
      server.call('import_history', { path: join(folder, 'notes.txt') }),
    ).rejects.toThrow('not a history that Turnkeep knows');
    await expect(server.call('import_history', { sources: ['unknown'] })).rejects.toThrow(
      'not there any more',
    );
    await expect(server.call('get_import_job', { job_id: 'unknown' })).rejects.toThrow(
      'started anew',
    );
  });
});

describe('an import that is stopped', () => {
  const SESSIONS = 120;
  const TURNS = 20;
  let someone: HistoryHome;
  beforeAll(async () => {
    someone = await person();
    for (let n = 0; n < SESSIONS; n += 1) {
      await someone.claude(`0b0b0b0b-1111-4111-8111-${String(n).padStart(12, '0')}`, TURNS);
    }
  });

  const underWay = (server: TestServer, { job_id }: ImportJob) =>
    until(async () => {
      const job = await server.call('get_import_job', { job_id });
      return job.turns.added > 0 ? job : null;
    }, 'the first turns');

  it('goes on after a cancel, with nothing twice and nothing lost', async () => {
    const server = await serve(someone);
    cleanUp.push(() => removeHome(server.home));
    const begun = await server.call('import_history', {});
    const waiting = await server.call('import_history', {});
    await underWay(server, begun);
    await server.call('cancel_import_job', { job_id: begun.job_id });
    const cancelled = await ended(server, begun);
    expect(cancelled.state).toBe('cancelled');
    expect(cancelled.turns.added).toBeLessThan(SESSIONS * TURNS);
    expect(cancelled.sources.done).toBeLessThan(SESSIONS);
    const rest = await ended(server, waiting);
    expect(rest.state).toBe('done');
    expect(rest.turns.added).toBe(SESSIONS * TURNS - cancelled.turns.added);
    expect(rest.turns.known).toBe(cancelled.turns.added);
    expect(await turnsStored(server)).toBe(SESSIONS * TURNS);
  });

  it('goes on after the server was killed', async () => {
    const home = await makeHome();
    cleanUp.push(() => removeHome(home));
    const first = await serve(someone, home);
    await underWay(first, await first.call('import_history', {}));
    const ended = once(first.child, 'exit');
    first.child.kill('SIGKILL');
    await ended;
    const second = await serve(someone, home);
    const before = await turnsStored(second);
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(SESSIONS * TURNS);
    const job = await bringIn(second, {});
    expect(job).toMatchObject({ state: 'done', problem_count: 0 });
    expect(job.turns.added).toBe(SESSIONS * TURNS - before);
    expect(await turnsStored(second)).toBe(SESSIONS * TURNS);
  });
});

describe('a store of many conversations', () => {
  it('is read again from where it was, its log included', async () => {
    const someone = await person();
    const settings = settingsFolder({ home: someone.folder, env: {}, platform: process.platform });
    const path = join(settings, 'Cursor', 'User', 'globalStorage', 'state.vscdb');
    const writer = new Writer(join(someone.folder, 'made', 'state.vscdb'));
    const put = (id: string, count: number, at: number) =>
      writer.put('cursorDiskKV', {
        ...composer(id, count, { createdAt: at, lastUpdatedAt: at }),
        ...bubbles(id, count, (index) => `${id} says ${index}`),
      });
    const old = Date.now() - 90 * 86_400_000;
    put('first', 4, old);
    put('second', 2, old);
    writer.copyTo(path);
    const server = await serve(someone);
    cleanUp.push(() => removeHome(server.home));
    const { sources } = await server.call('find_history', {});
    expect(sources).toMatchObject([{ agent: 'cursor', path, conversations: 2 }]);
    const first = await bringIn(server, {});
    expect(first).toMatchObject({ conversations: 2, turns: { added: 3, completed: 0, known: 0 } });
    put('second', 4, Date.now());
    writer.copyTo(path);
    writer.close();
    const second = await bringIn(server, {});
    expect(second).toMatchObject({ conversations: 1, turns: { added: 1, completed: 0, known: 1 } });
    expect((await bringIn(server, {})).turns).toMatchObject({ added: 0, known: 3 });
  });
});

describe('watching', () => {
  it('keeps an agent up to date, and reads at the start what was written before', async () => {
    const someone = await person();
    const cwd = join(someone.folder, 'work', 'site');
    const file = await someone.claude(SESSION, 2, cwd);
    const home = await makeHome();
    cleanUp.push(() => removeHome(home));
    const server = await serve(someone, home);
    await bringIn(server, { agents: ['claude-code'], watch: true });
    expect((await server.call('get_capture_settings', {})).settings.watch).toEqual(['claude-code']);
    await appendFile(file, claudeTurn(SESSION, 2, cwd));
    await until(async () => (await turnsStored(server)) === 3, 'the appended turn');
    const other = '0a0a0a0a-1111-4111-8111-000000000004';
    await someone.claude(other, 1, cwd);
    await until(async () => (await turnsStored(server)) === 4, 'the turn of a new file', 40_000);
    await server.stop();
    await appendFile(file, claudeTurn(SESSION, 3, cwd));
    const next = await serve(someone, home);
    await until(async () => (await turnsStored(next)) === 5, 'the turn written meanwhile');
  });
});
