import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Check } from '../../src/cli/doctor/check.ts';
import { nodeCheck } from '../../src/cli/doctor/homeChecks.ts';
import { type CliHome, cliHome, jsonError } from './run.ts';

let cli: CliHome;
beforeAll(async () => {
  cli = await cliHome();
});
afterAll(() => cli.remove());

/** The checks by name, whatever the exit code. */
async function examine(env: Record<string, string> = {}) {
  const ran = await cli.run(['doctor', '--json'], { env });
  const { ok, checks }: { ok: boolean; checks: Check[] } = JSON.parse(ran.stdout);
  expect(ran.code).toBe(ok ? 0 : 1);
  if (!ok) expect(jsonError(ran).message).toMatch(/checks? failed/);
  return Object.fromEntries(checks.map((check) => [check.name, check]));
}

describe('doctor', () => {
  it('finds nothing wrong with a healthy home', async () => {
    await cli.json(['capture-turn', 'q', 'r']);
    const checks = await examine();
    expect(Object.values(checks).filter(({ state }) => state === 'fail')).toEqual([]);
    for (const name of ['node', 'home', 'token', 'data folder', 'spool', 'lock', 'server.json']) {
      expect(checks[name]?.state, name).toBe('ok');
    }
    for (const name of ['port', 'server', 'database', 'journal'])
      expect(checks[name]?.state, name).toBe('ok');
    const { stdout, code } = await cli.run(['doctor']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok {4}database/m);
  });

  it('starts a server in a home that does not exist yet', async () => {
    const checks = await examine({ TURNKEEP_HOME: join(cli.home, 'not yet') });
    expect(checks.home).toMatchObject({ state: 'warn', mend: expect.any(String) });
    expect(checks.server?.state).toBe('ok');
    await cli.run(['stop'], { env: { TURNKEEP_HOME: join(cli.home, 'not yet') } });
  });

  it.runIf(process.platform !== 'win32')('sees what others could read', async () => {
    await cli.json(['stats']);
    await chmod(join(cli.home, 'token'), 0o644);
    await chmod(cli.home, 0o755);
    const checks = await examine();
    expect(checks.token).toMatchObject({
      state: 'fail',
      mend: expect.stringContaining('chmod 600'),
    });
    expect(checks.home).toMatchObject({
      state: 'warn',
      mend: expect.stringContaining('chmod 700'),
    });
    expect((await cli.run(['doctor'])).stdout).toContain('→ chmod 600');
    await chmod(cli.home, 0o700);
    await chmod(join(cli.home, 'token'), 0o600);
  });

  it('sees a home that is a file', async () => {
    const file = join(cli.home, 'file');
    await writeFile(file, '');
    const checks = await examine({ TURNKEEP_HOME: file });
    expect(checks.home?.state).toBe('fail');
    expect(checks.server?.state).toBe('fail');
  });

  it('sees what a crash left, dead letters, and a malformed editor file', async () => {
    await cli.stop();
    const gone = { pid: 2 ** 22 + 1, url: 'http://127.0.0.1:9', version: '1.0.0', started_at: '' };
    await writeFile(join(cli.home, 'server.json'), JSON.stringify(gone));
    await mkdir(join(cli.home, 'spool', 'dead'), { recursive: true });
    await writeFile(join(cli.home, 'spool', 'dead', 'x.json'), '{}');
    await mkdir(join(cli.home, '.vscode'));
    await writeFile(join(cli.home, '.vscode', 'mcp.json'), '{ "servers": ');
    const checks = await examine();
    await rm(join(cli.home, '.vscode'), { recursive: true });
    expect(checks['server.json']).toMatchObject({
      state: 'warn',
      detail: expect.stringContaining('does not answer'),
    });
    expect(checks['dead letters']).toMatchObject({
      state: 'warn',
      mend: expect.stringContaining('turnkeep capture dead-letters'),
    });
    expect(checks['VS Code MCP']).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('line 1'),
    });
    expect(checks.server?.state).toBe('ok');
  });

  it('tells of hooks: missing, in place, outdated, broken, each with its mend', async () => {
    const person = join(cli.home, 'person');
    const file = join(person, '.claude', 'settings.json');
    await mkdir(join(person, '.claude'), { recursive: true });
    const env = { HOME: person, USERPROFILE: person, CLAUDE_CONFIG_DIR: '', CODEX_HOME: '' };
    const hooks = async () => (await examine(env))['hooks of claude-code'];
    expect(await hooks()).toEqual({
      name: 'hooks of claude-code',
      state: 'warn',
      detail: 'not installed',
      mend: 'turnkeep hooks install --agent claude-code',
    });
    expect((await cli.run(['hooks', 'install', '--yes'], { env })).code).toBe(0);
    expect(await hooks()).toMatchObject({ state: 'ok', detail: expect.stringContaining(file) });
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('"timeout": 10', '"timeout": 11'));
    expect(await hooks()).toMatchObject({
      state: 'warn',
      mend: 'turnkeep hooks install --agent claude-code',
    });
    await writeFile(file, '{\n oops');
    expect(await hooks()).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('line 2'),
    });
    const checks = await examine(env);
    expect(Object.keys(checks).filter((name) => name.startsWith('hooks'))).toEqual([
      'hooks of claude-code',
    ]);
  });

  it('tells of the pause and of watched agents, and status in a line', async () => {
    expect((await examine()).capture).toMatchObject({ state: 'ok' });
    expect((await examine()).watched?.detail).toMatch(/^no agent/);
    await cli.json(['capture', 'pause']);
    await cli.json(['capture', 'watch', 'codex']);
    const checks = await examine();
    expect(checks.capture).toMatchObject({ state: 'warn', mend: 'turnkeep capture resume' });
    expect(checks.watched).toMatchObject({ state: 'ok', detail: 'codex' });
    expect((await cli.run(['status'])).stdout).toMatch(
      /^Capture +paused \(turnkeep capture resume\)/m,
    );
    await cli.json(['capture', 'resume']);
    expect((await cli.run(['status'])).stdout).toMatch(/^Capture +not paused/m);
  });

  it('says that the database cannot be reached, without its password', async () => {
    await cli.stop();
    const checks = await examine({ POSTGRES_DSN: 'postgres://me:secret@127.0.0.1:9/none' });
    expect(checks.server?.state).toBe('fail');
    expect(JSON.stringify(checks)).not.toContain('secret');
  });

  it('sees a launcher that finds nothing', async () => {
    await rm(join(cli.home, 'bin'), { recursive: true, force: true });
    await mkdir(join(cli.home, 'bin'));
    const name = process.platform === 'win32' ? 'turnkeep.cmd' : 'turnkeep';
    await writeFile(join(cli.home, 'bin', name), '');
    expect((await examine()).launcher?.state).toBe('fail');
  });

  it('knows a Node that is too old', () => {
    expect(nodeCheck('18.20.0')).toMatchObject({
      state: 'fail',
      mend: expect.stringContaining('20'),
    });
    expect(nodeCheck('24.1.0').state).toBe('ok');
  });
});
