import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HookState } from '../../src/client/hooks/status.ts';
import { type CliHome, cliHome, jsonError } from './run.ts';

let cli: CliHome;
let person: string;
let cwd: string;
let env: Record<string, string>;
beforeAll(async () => {
  cli = await cliHome();
  person = join(cli.home, 'per son');
  cwd = join(cli.home, 'work');
  await mkdir(join(person, '.cursor'), { recursive: true });
  await mkdir(cwd);
  env = { HOME: person, USERPROFILE: person, CLAUDE_CONFIG_DIR: '', COPILOT_HOME: '' };
});
afterAll(() => cli.remove());

const run = (...args: string[]) => cli.run(['hooks', ...args], { cwd, env });
const json = <T>(...args: string[]) => cli.json<T>(['hooks', ...args], { cwd, env });
const states = async (...args: string[]) =>
  (await json<{ hooks: HookState[] }>('status', ...args)).hooks.map(
    ({ agent, scope, installed }) => `${agent} ${scope} ${installed}`,
  );

describe('turnkeep hooks', () => {
  it('shows what it would write, and writes nothing where nobody can be asked', async () => {
    const ran = await run('install');
    expect(ran.code).toBe(4);
    expect(ran.stderr).toContain(join(person, '.cursor', 'hooks.json'));
    expect(ran.stderr).toContain('"afterAgentResponse"');
    expect(await readdir(join(person, '.cursor'))).toEqual([]);
    expect(jsonError(await run('install', '--json')).code).toBe('refused');
  });

  it('installs for the agents found, once, and says how the past comes in', async () => {
    const done = await run('install', '--yes');
    expect(done).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('turnkeep import auto'),
    });
    const again = await json<{ written: string[]; hooks: object[] }>('install');
    expect(again.written).toEqual([]);
    expect(again.hooks).toEqual([
      expect.objectContaining({ agents: ['cursor'], scope: 'user', changed: false }),
    ]);
    expect(await states('--agent', 'cursor', 'codex')).toEqual([
      'cursor user current',
      'cursor project none',
      'codex user none',
    ]);
  });

  it.runIf(process.platform !== 'win32')('writes a command that spools an event', async () => {
    const file = join(person, '.cursor', 'hooks.json');
    const [{ command }] = JSON.parse(await readFile(file, 'utf8')).hooks.stop;
    const ran = spawnSync('/bin/sh', ['-c', command], {
      input: '{"conversation_id":"c"}',
      env: { PATH: process.env.PATH },
    });
    expect({ code: ran.status, out: ran.stdout.toString() }).toEqual({ code: 0, out: '{}' });
    const [name = ''] = await readdir(join(cli.home, 'spool'));
    const entry = JSON.parse(await readFile(join(cli.home, 'spool', name), 'utf8'));
    expect(entry).toMatchObject({ agent: 'cursor', payload: '{"conversation_id":"c"}' });
  });

  it('takes --project alone for this folder, and refuses it beside --user', async () => {
    const args = ['install', '--agent', 'claude-code', '--project', '--yes'];
    const { written } = await json<{ written: string[] }>(...args);
    expect(written).toEqual([join(cwd, '.claude', 'settings.local.json')]);
    expect(await states('--agent', 'claude-code', '--project')).toEqual([
      'claude-code project current',
    ]);
    expect((await run('status', '--user', '--project')).code).toBe(2);
    expect((await run('install', '--agent', 'nobody')).code).toBe(2);
  });

  it('leaves a malformed file alone', async () => {
    const file = join(person, '.gemini', 'settings.json');
    await mkdir(join(person, '.gemini'));
    await writeFile(file, '{\n"hooks": [\n');
    const ran = await run('install', '--agent', 'gemini-cli', '--yes');
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('line 3') });
    expect(await readFile(file, 'utf8')).toBe('{\n"hooks": [\n');
  });

  it('does the others when one file is malformed, and tells of each that is left', async () => {
    const broken = join(person, '.gemini', 'settings.json');
    const cursor = join(person, '.cursor', 'hooks.json');
    const agents = ['--agent', 'gemini-cli', 'copilot-cli', 'cursor', '--yes'];
    await writeFile(join(person, '.copilot'), 'a file where a folder should be');
    await rm(cursor);
    for (const verb of ['install', 'uninstall']) {
      const ran = await run(verb, ...agents);
      expect(ran).toMatchObject({ code: 1, stdout: expect.stringContaining(cursor) });
      expect(ran.stderr).toContain('2 files were left alone');
      expect(ran.stderr).toContain(`gemini-cli: ${broken}, line 3`);
      expect(ran.stderr).toContain(`copilot-cli: ${join(person, '.copilot')}`);
    }
    expect(await readdir(join(person, '.cursor'))).toEqual([]);
    expect(await readFile(broken, 'utf8')).toBe('{\n"hooks": [\n');
    await run('install', '--agent', 'cursor', '--yes');
  });

  it('says of a place without hooks whether it needs any, and how they come there', async () => {
    const detailOf = async (agent: string, scope: string) => {
      const { hooks } = await json<{ hooks: HookState[] }>('status', '--agent', agent);
      return hooks.find((state) => state.scope === scope)?.detail;
    };
    const file = join(person, '.cursor', 'hooks.json');
    expect(await detailOf('cursor', 'project')).toBe(`not needed: installed for you in ${file}`);
    const local = join(cwd, '.claude', 'settings.local.json');
    expect(await detailOf('claude-code', 'user')).toBe(
      `installed for this folder alone in ${local}`,
    );
    expect(await detailOf('vscode', 'project')).toBe(
      'to install: turnkeep hooks install --project',
    );
  });

  it('takes out what it put in, after asking', async () => {
    expect((await run('uninstall', '--agent', 'cursor')).code).toBe(4);
    expect((await run('uninstall', '--agent', 'cursor', '--yes')).code).toBe(0);
    expect(await readdir(join(person, '.cursor'))).toEqual([]);
    expect((await run('uninstall', '--agent', 'claude-code', '--project', '--yes')).code).toBe(0);
    expect(await readdir(join(cwd, '.claude'))).toEqual([]);
    expect(await run('uninstall', '--agent', 'cursor')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('There are no hooks of Turnkeep here'),
    });
  });
});
