import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launcherPath, readInstalls, writeLauncher } from '../../src/client/launcher.ts';
import { type Home, homeLayout } from '../../src/contracts/home.ts';
import { makeHome, removeHome } from '../support/server.ts';

const run = promisify(execFile);
let base: string;
let home: Home;
beforeEach(async () => {
  base = await makeHome();
  home = homeLayout({ TURNKEEP_HOME: join(base, `it's a "home" ü`) });
});
afterEach(() => removeHome(base));

/** A program that tells what it was given. */
async function cliAt(folder: string, says: string): Promise<string> {
  await mkdir(join(base, folder), { recursive: true });
  const file = join(base, folder, 'cli.mjs');
  const program = `let input = '';
for await (const chunk of process.stdin) input += chunk;
console.log(JSON.stringify({ says: ${JSON.stringify(says)}, args: process.argv.slice(2), input,
  electron: process.env.ELECTRON_RUN_AS_NODE ?? null }));
process.exitCode = 7;`;
  await writeFile(file, program);
  return file;
}

/** Runs the launcher like a shell would, with text on its standard input. */
async function launch(file: string, args: string[], env: NodeJS.ProcessEnv = process.env) {
  const pending = run(file, args, { env });
  pending.child.stdin?.end('from the person');
  const done = await pending.catch(
    (error: { stdout: string; stderr: string; code: number }) => error,
  );
  const code = 'code' in done ? done.code : 0;
  return { code, stderr: done.stderr, said: done.stdout ? JSON.parse(done.stdout) : null };
}

const node = process.execPath;

describe.runIf(process.platform !== 'win32')('the sh launcher', () => {
  it('runs the newest install with its Node, arguments, input and exit code untouched', async () => {
    await writeLauncher(home, { version: '0.9.0', node, cli: await cliAt('old one', 'old') });
    await writeLauncher(home, {
      version: '0.10.0',
      node,
      cli: await cliAt('new \'one\' "ü"', 'new'),
    });
    await writeLauncher(home, { version: '0.10.0-beta.1', node, cli: await cliAt('beta', 'beta') });
    const args = ['capture-query', `it's "quoted" $HOME \`x\` \\`, '', 'two\nlines'];
    expect(await launch(launcherPath(home), args)).toEqual({
      code: 7,
      stderr: '',
      said: { says: 'new', args, input: 'from the person', electron: '1' },
    });
  });

  it('goes back to an older install when the newest is gone', async () => {
    await writeLauncher(home, { version: '1.0.0', node, cli: await cliAt('old', 'old') });
    const newest = await cliAt('new', 'new');
    await writeLauncher(home, { version: '2.0.0', node, cli: newest });
    await rm(newest);
    expect((await launch(launcherPath(home), [])).said.says).toBe('old');
    await rm(join(base, 'old'), { recursive: true });
    const none = await launch(launcherPath(home), []);
    expect(none).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Install the extension'),
    });
  });

  it('works through symbolic links on PATH', async () => {
    await writeLauncher(home, { version: '1.0.0', node, cli: await cliAt('app', 'linked') });
    await mkdir(join(base, 'path folder'));
    await symlink(launcherPath(home), join(base, 'path folder', 'first'));
    await symlink('first', join(base, 'path folder', 'turnkeep'));
    const env = {
      ...process.env,
      PATH: `${join(base, 'path folder')}${delimiter}${process.env.PATH}`,
    };
    expect((await launch('turnkeep', ['x'], env)).said).toMatchObject({
      says: 'linked',
      args: ['x'],
    });
  });

  it("falls back to the system's node, and says so when there is none", async () => {
    await writeLauncher(home, {
      version: '1.0.0',
      node: '/gone/editor',
      cli: await cliAt('app', 'ran'),
    });
    expect((await launch(launcherPath(home), [])).said).toMatchObject({
      says: 'ran',
      electron: null,
    });
    const tools = join(base, 'tools');
    await mkdir(tools);
    for (const tool of ['dirname', 'readlink']) {
      const { stdout } = await run('which', [tool]);
      await symlink(stdout.trim(), join(tools, tool));
    }
    const without = await launch(launcherPath(home), [], { PATH: tools });
    expect(without).toMatchObject({ code: 1, stderr: expect.stringContaining('no node on PATH') });
  });
});

describe('writeLauncher', () => {
  it('keeps one line an install, newest first, without those that are gone', async () => {
    const first = await cliAt('first', '');
    const second = await cliAt('second', '');
    await writeLauncher(home, { version: '1.2.0', node: 'a', cli: first });
    await writeLauncher(home, { version: '1.10.0', node: 'b', cli: second });
    await writeLauncher(home, { version: '1.11.0', node: 'c', cli: first });
    expect(await readInstalls(home)).toEqual([
      { version: '1.11.0', node: 'c', cli: first },
      { version: '1.10.0', node: 'b', cli: second },
    ]);
    await rm(second);
    await writeLauncher(home, { version: '1.11.0', node: 'c', cli: first });
    expect(await readInstalls(home)).toHaveLength(1);
  });

  it('writes a batch file with Windows line ends', async () => {
    await writeLauncher(home, { version: '1.0.0', node, cli: await cliAt('app', '') });
    const batch = await readFile(join(home.bin, 'turnkeep.cmd'), 'utf8');
    expect(batch.replaceAll('\r\n', '')).not.toContain('\n');
    expect(batch).toContain('"%TURNKEEP_NODE%" "%TURNKEEP_CLI%" %*');
  });

  it('refuses a path that its list cannot hold', async () => {
    const install = { version: '1.0.0', node, cli: '/a\tb' };
    await expect(writeLauncher(home, install)).rejects.toMatchObject({ code: 'invalid_request' });
  });
});
