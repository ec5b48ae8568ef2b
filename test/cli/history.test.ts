import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaptureSettings, ImportJob } from '../../src/contracts/capture.ts';
import type { Statistics } from '../../src/contracts/conversations.ts';
import { claudeTurn, fixtures, type HistoryHome, makeHistoryHome } from '../support/historyHome.ts';
import { until } from '../support/server.ts';
import { type CliHome, cliHome, cliPath, jsonError, type RunOptions } from './run.ts';

let cli: CliHome;
let someone: HistoryHome;
beforeAll(async () => {
  [cli, someone] = await Promise.all([cliHome(), makeHistoryHome()]);
});
afterAll(() => Promise.all([cli.remove(), someone.remove()]));

const person = (options: RunOptions = {}): RunOptions => ({
  ...options,
  env: { ...someone.env, ...options.env },
});
const run = (...args: string[]) => cli.run(args, person());
const json = <T = ImportJob>(...args: string[]) => cli.json<T>(args, person());

const SESSION = '0c0c0c0c-1111-4111-8111-000000000001';

describe('import auto', () => {
  beforeAll(async () => {
    await mkdir(join(someone.folder, 'work', 'site'), { recursive: true });
    await someone.claude(SESSION, 3);
    const gemini = 'session-2025-12-05T11-14-ee55ff66.json';
    await someone.put(`gemini/json-2025/${gemini}`, `.gemini/tmp/e5a9/chats/${gemini}`);
  });

  it('shows what there is, and refuses where nobody can be asked', async () => {
    const ran = await run('import', 'auto');
    expect(ran.code).toBe(4);
    expect(ran.stdout).toBe('');
    expect(ran.stderr).toMatch(/^AGENT +SOURCE +PROJECT +CONVERSATIONS +SIZE +READ BEFORE$/m);
    expect(ran.stderr).toMatch(/^claude-code +claude-code-transcript +site +1 +[\d.]+ KB +no$/m);
    expect(ran.stderr).toMatch(/^gemini-cli /m);
    expect(ran.stderr).toContain('add --yes');
    expect(jsonError(await run('import', 'auto', '--json')).code).toBe('refused');
  });

  it('brings in an agent, a project, and the rest', async () => {
    const one = await json('import', 'auto', '--yes', '--agent', 'claude-code');
    expect(one).toMatchObject({ state: 'done', turns: { added: 3, completed: 0, known: 0 } });
    const told = await run('import', 'auto', '--yes', '--only-project', 'site');
    expect(told.code).toBe(0);
    expect(told.stdout).toBe(
      '0 turns added, 0 completed, 3 known already: 1 conversation of 1 source.\n',
    );
    const none = await run('import', 'auto', '--yes', '--only-project', 'unknown');
    expect(none).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing was found') });
  });

  it('tells what was not understood with its place, and stores the rest', async () => {
    const ran = await run('import', 'auto', '--yes');
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/^[1-9]\d* turns added, 0 completed, 3 known already: /);
    expect(ran.stderr).toMatch(/session-2025-12-05T11-14-ee55ff66\.json:\S+: .*comet/);
  });

  it('keeps agents up to date when asked to', async () => {
    await json('import', 'auto', '--yes', '--agent', 'claude-code', '--watch');
    const { settings } = await json<{ settings: CaptureSettings }>('capture', 'watch');
    expect(settings.watch).toEqual(['claude-code']);
    const both = ['--watch', '--only-project', 'site'];
    const refused = await run('import', 'auto', '--yes', ...both);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('capture exclude') });
    await json('capture', 'unwatch');
  });

  it('leaves deleted what was deleted, unless asked again', async () => {
    await json('delete', '--project', 'site', '--older-than', '0', '--yes');
    const file = await someone.claude(SESSION, 4);
    expect((await json('import', file)).turns).toEqual({ added: 1, completed: 0, known: 3 });
    await someone.claude(SESSION, 5);
    expect((await run('import', file)).stdout).toContain(
      '1 turn added, 0 completed, 1 known already, 3 deleted before or said in a pause (--again',
    );
    expect((await json('import', file, '--again')).turns).toMatchObject({ added: 3, known: 2 });
  });
});

describe('import of a file or folder', () => {
  const files = [
    'claude-code/older/6c3f4e5a-2d81-4b7a-8c99-3e4f5a6b7c8d.jsonl',
    'codex/direct/rollout-2025-07-01-dd44ee55-0000-4000-8000-000000000003.jsonl',
    'copilot/cli/cc33dd44-0000-4000-8000-000000000001/events.jsonl',
    'cursor/transcript/7d4a5f6b-3e92-4c8b-9daa-4f5a6b7c8d9e.jsonl',
    'gemini/jsonl-2026/session-2026-06-05T11-14-ff66aa77.jsonl',
    'specstory/v2.1/2026-03-06_20-07-46Z-test.md',
    'vscode/json-v3/aa11bb22-0000-4000-8000-000000000003.json',
    'vscode/mutation-log/aa11bb22-0000-4000-8000-000000000004.jsonl',
  ];

  it.each(files)('knows %s', async (file) => {
    const ran = await run('import', join(fixtures, file), '--json');
    const job = JSON.parse(ran.stdout) as ImportJob;
    expect(job).toMatchObject({ state: 'done', sources: { done: 1, total: 1 } });
    expect(job.turns.added).toBeGreaterThan(0);
    expect(ran.code).toBe(job.problem_count > 0 ? 1 : 0);
    for (const { file: where } of job.problems) expect(where).toBe(join(fixtures, file));
  });

  it('takes all that it knows out of a folder, and says what it does not know', async () => {
    const folder = join(someone.folder, 'backup');
    await mkdir(join(folder, 'deep'), { recursive: true });
    const session = '0c0c0c0c-1111-4111-8111-000000000002';
    const lines = `${claudeTurn(session, 0, '/no/such')}{"torn\n`;
    await writeFile(join(folder, 'deep', `${session}.jsonl`), lines);
    await cp(join(fixtures, files[7] ?? ''), join(folder, basename(files[7] ?? '')));
    await cp(join(fixtures, 'turnkeep', 'export.jsonl'), join(folder, 'export.jsonl'));
    const ran = await run('import', folder, '--project', 'kept');
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/^1 turn added, 0 completed, \d known already: 2 conversations of/);
    expect(ran.stderr).toContain(`${join(folder, 'deep', `${session}.jsonl`)}:3: `);
    expect(ran.stderr).toContain(`${join(folder, 'export.jsonl')}: Turnkeep's own JSONL`);
  });

  it('refuses what nobody recognises, and options that do not fit', async () => {
    const file = join(someone.folder, 'other.txt');
    await writeFile(file, 'nothing of the kind\n');
    const ran = await run('import', file);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toContain(`${file} is not a history that Turnkeep knows`);
    const own = await run('import', join(fixtures, 'turnkeep', 'export.jsonl'), '--again');
    expect(own).toMatchObject({ code: 2, stderr: expect.stringContaining("Turnkeep's own JSONL") });
    expect((await run('import', file, '--agent', 'nobody')).code).toBe(2);
  });

  it.runIf(process.platform !== 'win32')('ends well on Ctrl-C, and goes on later', async () => {
    const many = join(someone.folder, 'many');
    await mkdir(many);
    const [sessions, turns] = [120, 30];
    for (let n = 0; n < sessions; n += 1) {
      const session = `0d0d0d0d-1111-4111-8111-${String(n).padStart(12, '0')}`;
      const lines = Array.from({ length: turns }, (_, turn) =>
        claudeTurn(session, turn, '/no/such'),
      );
      await writeFile(join(many, `${session}.jsonl`), lines.join(''));
    }
    const stored = async () => (await json<Statistics>('stats')).stats.totals.turns;
    const before = await stored();
    const child = spawn(process.execPath, [cliPath, 'import', many], {
      env: cli.env(someone.env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    const closed = once(child, 'close');
    await until(async () => (await stored()) > before, 'the first turns');
    child.kill('SIGINT');
    const [code] = await closed;
    expect(code).toBe(130);
    expect(stderr).toContain('run the same command again');
    const rest = await json('import', many);
    expect(rest.turns.added + rest.turns.known).toBe(sessions * turns);
    expect(rest.turns.added).toBeGreaterThan(0);
  });
});

describe('capture', () => {
  it('tells its state, pauses and resumes', async () => {
    expect(await json('capture', 'pause')).toMatchObject({ settings: { paused: true } });
    const ran = await run('capture', 'status');
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('paused');
    expect(ran.stdout).toMatch(/^claude-code/m);
    expect((await run('capture', 'resume')).stdout).toBe('Automatic capture is on.\n');
    expect(await json('capture', 'status')).toMatchObject({ paused: false });
  });

  it('watches agents and stops watching them', async () => {
    const told = await run('capture', 'watch', 'codex', 'gemini-cli');
    expect(told.stdout).toBe('Watched: codex, gemini-cli.\n');
    expect((await run('capture', 'unwatch', 'codex')).stdout).toBe('Watched: gemini-cli.\n');
    expect((await run('capture', 'unwatch')).stdout).toBe('No agent is watched.\n');
    const unknown = await run('capture', 'watch', 'nobody');
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('claude-code') });
  });

  it('excludes agents, folders and projects, and takes that back', async () => {
    const folder = join(someone.folder, 'secret');
    const given = ['--agent', 'codex', '--folder', folder, '--project', 'hush'];
    expect(await json('capture', 'exclude', ...given)).toEqual({
      exclude: { agents: ['codex'], folders: [folder], projects: ['hush'] },
    });
    const told = await run('capture', 'exclude');
    expect(told.stdout).toContain(`folder   ${folder}`);
    await json('capture', 'include', '--agent', 'codex', '--folder', folder);
    expect(await json('capture', 'include', '--project', 'hush')).toEqual({
      exclude: { agents: [], folders: [], projects: [] },
    });
    expect((await run('capture', 'include')).code).toBe(2);
  });

  it('shows dead letters and tries them again', async () => {
    expect((await run('capture', 'dead-letters')).stdout).toBe('There is no dead letter.\n');
    await mkdir(join(cli.home, 'spool', 'dead'), { recursive: true });
    await writeFile(join(cli.home, 'spool', 'dead', '2026-bad.json'), 'not JSON');
    await writeFile(join(cli.home, 'spool', 'dead', '2026-bad.json.error.txt'), 'invalid_json: x');
    const shown = await run('capture', 'dead-letters');
    expect(shown.stdout).toContain('2026-bad.json');
    const { retried } = await json<{ retried: number }>('capture', 'dead-letters', '--retry');
    expect(retried).toBe(1);
    await until(
      async () => (await run('capture', 'dead-letters')).stdout.includes('2026-bad'),
      'it',
    );
    expect((await run('capture', 'dead-letters', '--delete')).code).toBe(4);
    expect((await run('capture', 'dead-letters', '--delete', '--retry', '--yes')).code).toBe(2);
    const none = await json('capture', 'dead-letters', 'another', '--delete', '--yes');
    expect(none).toEqual({ deleted: 0 });
    const deleted = await run('capture', 'dead-letters', '--delete', '--yes');
    expect(deleted.stdout).toBe('Deleted 1 dead letter.\n');
    expect(await readdir(join(cli.home, 'spool', 'dead'))).toEqual([]);
  });
});
