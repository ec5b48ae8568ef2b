import { spawnSync } from 'node:child_process';
import {
  access,
  chmod,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyHooks } from '../../src/client/hooks/apply.ts';
import { isOwnCommand, powerShellCommand, shCommand } from '../../src/client/hooks/commands.ts';
import { removeCursorPlugin, writeCursorPlugin } from '../../src/client/hooks/cursorPlugin.ts';
import { HOOK_LAUNCHER_CMD } from '../../src/client/hooks/launcherScripts.ts';
import { planHooks, planUninstall } from '../../src/client/hooks/plan.ts';
import {
  type HookProgram,
  hookLauncher,
  writeHookProgram,
} from '../../src/client/hooks/program.ts';
import { hooksStatus } from '../../src/client/hooks/status.ts';
import {
  foundHookAgents,
  type HookAgent,
  type HookPlaces,
  type HookScope,
} from '../../src/client/hooks/targets.ts';
import { parseJsonc } from '../../src/client/jsoncFile.ts';
import { homeLayout } from '../../src/contracts/home.ts';
import { makeHome, removeHome } from '../support/server.ts';

let base: string;
let places: HookPlaces;
let program: HookProgram;
beforeEach(async () => {
  base = await makeHome();
  places = {
    home: homeLayout({ TURNKEEP_HOME: join(base, `it's a "home" ü`) }),
    homeDir: join(base, 'person'),
    root: join(base, 'work'),
    platform: 'linux',
    env: {},
  };
  const hookSource = join(base, 'hook.mjs');
  await writeFile(hookSource, '// first\n');
  const install = { version: '1.0.0', node: process.execPath, cli: hookSource };
  program = { home: places.home, hookSource, install };
});
afterEach(() => removeHome(base));

const plan = (agents: HookAgent[], scope: HookScope = 'user', more: Partial<HookPlaces> = {}) =>
  planHooks({ ...places, ...more, agents, scope });
const install = async (agents: HookAgent[], scope: HookScope = 'user') =>
  applyHooks(await plan(agents, scope), program);
const uninstall = async (agents: HookAgent[], scope: HookScope = 'user') =>
  applyHooks(await planUninstall({ ...places, agents, scope }));
const status = async (agents: HookAgent[], scope: HookScope = 'user') =>
  (await hooksStatus({ ...places, agents, scopes: [scope], hookSource: program.hookSource })).map(
    ({ installed }) => installed,
  );

async function put(file: string, text: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}
const person = (...path: string[]) => join(places.homeDir, ...path);
const read = (file: string) => readFile(file, 'utf8');

const CLAUDE = `{
  // mine
  "model": "opus",
  "hooks": {
    "Stop": [
      { "matcher": "*", "hooks": [{ "type": "command", "command": "say done" }] } // other
    ],
    "PreToolUse": []
  },
  "env": { "A": "1" } // last
}
`;

describe('planHooks', () => {
  it("writes a new file in each agent's form", async () => {
    const plans = await plan(['cursor', 'claude-code', 'vscode', 'copilot-cli', 'gemini-cli']);
    expect(plans.map(({ agents, file }) => [agents.join(), file])).toEqual([
      ['cursor', person('.cursor', 'hooks.json')],
      ['claude-code', person('.claude', 'settings.json')],
      ['vscode,copilot-cli', person('.copilot', 'hooks', 'turnkeep.json')],
      ['gemini-cli', person('.gemini', 'settings.json')],
    ]);
    const [cursor, claude, copilot, gemini] = plans.map(({ after }) => JSON.parse(after ?? ''));
    const launcher = shCommand(hookLauncher(places.home, 'linux'), '').trim();
    expect(cursor.version).toBe(1);
    expect(cursor.hooks.afterAgentResponse).toEqual([
      { command: `${launcher} cursor`, timeout: 10 },
    ]);
    expect(Object.keys(cursor.hooks)).toContain('beforeSubmitPrompt');
    expect(Object.keys(cursor.hooks)).not.toContain('afterAgentThought');
    expect(claude.hooks.Stop).toEqual([
      { hooks: [{ type: 'command', command: `${launcher} claude-code`, timeout: 10 }] },
    ]);
    expect(copilot.hooks.UserPromptSubmit[0]).toMatchObject({
      type: 'command',
      bash: `${launcher} vscode`,
      powershell: expect.stringMatching(/^& '.*turnkeep-hook\.cmd' vscode$/),
      timeoutSec: 10,
    });
    expect(gemini.hooks.AfterAgent[0].hooks[0]).toMatchObject({
      name: 'turnkeep',
      timeout: 10_000,
    });
  });

  it('takes the files of a project, and says what to know of them', async () => {
    const plans = await plan(['cursor', 'claude-code', 'vscode', 'gemini-cli', 'codex'], 'project');
    expect(plans.map(({ file }) => file)).toEqual([
      join(places.root, '.cursor', 'hooks.json'),
      join(places.root, '.claude', 'settings.local.json'),
      join(places.root, '.github', 'hooks', 'turnkeep.json'),
      join(places.root, '.gemini', 'settings.json'),
      null,
    ]);
    expect(plans[0]?.note).toContain('version control');
    expect(plans[1]?.note).toBeNull();
    expect(plans[4]?.note).toContain('its own records');
  });

  it('keeps the bytes of what others wrote, and uninstalling gives them back', async () => {
    const file = await put(person('.claude', 'settings.json'), CLAUDE);
    expect(await install(['claude-code'])).toEqual([file]);
    const written = await read(file);
    for (const line of CLAUDE.split('\n')) {
      expect(written.replaceAll(',', '')).toContain(line.replaceAll(',', ''));
    }
    const hooks = parseJsonc(file, written).hooks as Record<string, object[]>;
    expect(hooks.Stop).toHaveLength(2);
    expect(hooks.PreToolUse).toEqual([]);
    expect(await read(`${file}.turnkeep-backup`)).toBe(CLAUDE);
    await uninstall(['claude-code']);
    expect(await read(file)).toBe(CLAUDE);
  });

  it.each([
    ['{\n  "hooks": {\n    "Stop": [\n      { nope }\n    ]\n  }\n}\n', /line 4/],
    ['{\n  "hooks": {\n    "Stop": "x"\n  }\n}\n', /line 3: "hooks\.Stop" is not a list/],
    ['{\n  "hooks": 3\n}\n', /line 2: "hooks" is not an object/],
  ])('refuses %j with its line', async (text, reason) => {
    const file = await put(person('.claude', 'settings.json'), text);
    const refusal = { code: 'conflict', message: expect.stringMatching(reason) };
    await expect(plan(['claude-code'])).rejects.toMatchObject(refusal);
    const removal = planUninstall({ ...places, agents: ['claude-code'], scope: 'user' });
    await expect(removal).rejects.toMatchObject(refusal);
    expect(await read(file)).toBe(text);
    expect(await status(['claude-code'])).toEqual(['broken']);
  });

  it('has nothing to do the second time', async () => {
    await put(person('.claude', 'settings.json'), CLAUDE);
    const agents: HookAgent[] = ['cursor', 'claude-code', 'vscode', 'gemini-cli'];
    await install(agents);
    for (const { before, after } of await plan(agents)) expect(after).toBe(before);
    expect(await install(agents)).toEqual([]);
    expect(await status(agents)).toEqual(['current', 'current', 'current', 'current']);
  });

  it('replaces older entries of ours where they stand, and drops events of old', async () => {
    const old = { command: '"/old home/bin/turnkeep-hook" cursor' };
    const other = { command: './audit.sh turnkeep-hooks.log' };
    const hooks = { stop: [old, other, old], afterAgentThought: [old], preToolUse: [other] };
    const file = await put(
      person('.cursor', 'hooks.json'),
      JSON.stringify({ version: 1, hooks }, null, 4),
    );
    expect(await status(['cursor'])).toEqual(['broken']);
    await writeHookProgram(program);
    expect(await status(['cursor'])).toEqual(['outdated']);
    await install(['cursor']);
    const after = JSON.parse(await read(file)).hooks;
    expect(after.stop).toEqual([{ command: expect.stringContaining('home'), timeout: 10 }, other]);
    expect(after.stop[0].command).not.toContain('old home');
    expect(after.afterAgentThought).toBeUndefined();
    expect(after.preToolUse).toEqual([other]);
    expect(await status(['cursor'])).toEqual(['current']);
  });

  it('takes our entry out of a group that somebody else shares', async () => {
    const group = {
      matcher: 'x',
      hooks: [{ type: 'command', command: 'C:\\t\\turnkeep-hook.cmd claude-code' }, { type: 'x' }],
    };
    const file = await put(
      person('.claude', 'settings.json'),
      JSON.stringify({ hooks: { Stop: [group] } }),
    );
    await uninstall(['claude-code']);
    expect(JSON.parse(await read(file)).hooks.Stop).toEqual([
      { matcher: 'x', hooks: [{ type: 'x' }] },
    ]);
  });

  it('never installs a second route: another scope, or the plugin of Cursor', async () => {
    await install(['cursor']);
    const [again] = await plan(['cursor'], 'project');
    expect(again).toMatchObject({ before: null, after: null });
    expect(again?.note).toContain(person('.cursor', 'hooks.json'));
    await uninstall(['cursor']);
    const folder = await writeCursorPlugin(places);
    const [covered] = await plan(['cursor']);
    expect(covered).toMatchObject({ before: null, after: null });
    expect(covered?.note).toContain(folder);
    await writeHookProgram(program);
    expect(await status(['cursor'])).toEqual(['current']);
    await removeCursorPlugin(places.home);
    expect((await plan(['cursor']))[0]?.after).toContain('turnkeep-hook');
  });

  it('says when Gemini has hooks switched off', async () => {
    await put(person('.gemini', 'settings.json'), '{"hooksConfig": {"enabled": false}}');
    expect((await plan(['gemini-cli']))[0]?.note).toContain('hooksConfig.enabled');
  });

  it('follows the folders that the agents are told', async () => {
    const env = { CLAUDE_CONFIG_DIR: join(base, 'c'), COPILOT_HOME: join(base, 'p') };
    const plans = await plan(['claude-code', 'vscode', 'copilot-cli'], 'user', { env });
    expect(plans.map(({ file }) => file)).toEqual([
      join(base, 'c', 'settings.json'),
      person('.copilot', 'hooks', 'turnkeep.json'),
      join(base, 'p', 'hooks', 'turnkeep.json'),
    ]);
  });
});

describe('planUninstall', () => {
  it('takes files away that only we made, also after an upgrade', async () => {
    const agents: HookAgent[] = ['cursor', 'claude-code', 'vscode', 'gemini-cli'];
    await install(agents);
    const elsewhere = { ...places, home: homeLayout({ TURNKEEP_HOME: join(base, 'moved') }) };
    const moved = await planHooks({ ...elsewhere, agents, scope: 'user' });
    expect(await applyHooks(moved, { ...program, home: elsewhere.home })).toHaveLength(4);
    expect(await uninstall(agents)).toHaveLength(4);
    const left = await readdir(places.homeDir, { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile())).toEqual([]);
    expect(await status(agents)).toEqual(['none', 'none', 'none', 'none']);
  });

  it('leaves a file that was there before, and one with a comment', async () => {
    const settings = await put(person('.gemini', 'settings.json'), '{}\n');
    const hooks = await put(person('.cursor', 'hooks.json'), '{\n  // team\n  "version": 1\n}\n');
    await install(['gemini-cli', 'cursor']);
    await uninstall(['gemini-cli', 'cursor']);
    expect(JSON.parse(await read(settings))).toEqual({});
    expect(await read(hooks)).toBe('{\n  // team\n  "version": 1\n}\n');
  });

  it('touches nothing where there is nothing of ours', async () => {
    await put(person('.claude', 'settings.json'), CLAUDE);
    expect(
      await planUninstall({ ...places, agents: ['claude-code', 'cursor'], scope: 'user' }),
    ).toEqual([]);
  });

  it('refuses when a file was changed after the plan', async () => {
    await install(['cursor']);
    const plans = await planUninstall({ ...places, agents: ['cursor'], scope: 'user' });
    await writeFile(person('.cursor', 'hooks.json'), '{"mine": 1}');
    await expect(applyHooks(plans)).rejects.toMatchObject({ code: 'conflict' });
    expect(await read(person('.cursor', 'hooks.json'))).toBe('{"mine": 1}');
  });
});

describe('hooksStatus', () => {
  it('tells of a program that is gone or of another version', async () => {
    await install(['cursor']);
    await writeFile(program.hookSource, '// second\n');
    expect(await status(['cursor', 'codex'])).toEqual(['outdated', 'none']);
    await install(['cursor']);
    expect(await status(['cursor'])).toEqual(['current']);
    await rm(hookLauncher(places.home, 'linux'));
    expect(await status(['cursor'])).toEqual(['broken']);
  });
});

describe('foundHookAgents', () => {
  it('goes by the folders of the agents', async () => {
    expect(foundHookAgents(places)).toEqual([]);
    await mkdir(person('.claude'), { recursive: true });
    await mkdir(person('.config', 'Code'), { recursive: true });
    expect(foundHookAgents(places)).toEqual(['claude-code', 'vscode']);
    await mkdir(person('Library', 'Application Support', 'Cursor'), { recursive: true });
    expect(foundHookAgents({ ...places, platform: 'darwin' })).toEqual(['cursor', 'claude-code']);
  });
});

describe('commands', () => {
  it('are quoted for each shell', () => {
    expect(shCommand('/h/.turnkeep/bin/turnkeep-hook', 'cursor')).toBe(
      '/h/.turnkeep/bin/turnkeep-hook cursor',
    );
    expect(shCommand("/o'b ü/turnkeep-hook", 'cursor')).toBe("'/o'\\''b ü/turnkeep-hook' cursor");
    expect(powerShellCommand('C:\\Users\\jü\\.turnkeep\\bin\\turnkeep-hook.cmd', 'cursor')).toBe(
      'C:\\Users\\jü\\.turnkeep\\bin\\turnkeep-hook.cmd cursor',
    );
    expect(powerShellCommand("C:\\Users\\o'b (x)\u2019\\turnkeep-hook.cmd", 'cursor')).toBe(
      "& 'C:\\Users\\o''b (x)\u2019\u2019\\turnkeep-hook.cmd' cursor",
    );
  });

  it('on Windows run in PowerShell, with slashes for Claude, whose default is bash', async () => {
    const plans = await plan(['cursor', 'claude-code', 'gemini-cli'], 'user', {
      platform: 'win32',
    });
    const [cursor, claude, gemini] = plans.map(({ after }) => JSON.parse(after ?? '').hooks);
    expect(cursor.stop[0].command).toMatch(/^& '.*it''s a "home" ü.*turnkeep-hook\.cmd' cursor$/);
    const { command, shell, powershell } = claude.Stop[0].hooks[0];
    expect({ shell, powershell }).toEqual({ shell: 'powershell', powershell: command });
    expect(command).not.toContain('\\');
    expect(gemini.AfterAgent[0].hooks[0].command).toMatch(/turnkeep-hook\.cmd' gemini-cli$/);
  });

  it.each([
    ['/a/turnkeep-hook cursor', true],
    ["'/a b/turnkeep-hook' cursor", true],
    ["& 'C:\\a\\turnkeep-hook.cmd' cursor", true],
    ['C:/a/turnkeep-hook.cmd claude-code', true],
    ['/a/turnkeep-hooks', false],
    ['/a/my-turnkeep-hook x', false],
    [7, false],
  ])('%j is ours: %s', (command, expected) => {
    expect(isOwnCommand(command)).toBe(expected);
  });
});

describe('the batch launcher', () => {
  it('has Windows line ends, answers first, discards the rest and never fails', () => {
    const lines = HOOK_LAUNCHER_CMD.split('\r\n');
    expect(HOOK_LAUNCHER_CMD.replaceAll('\r\n', '')).not.toContain('\n');
    expect(lines.indexOf('echo {}')).toBeLessThan(lines.findIndex((line) => line.includes('exit')));
    expect(lines).toContain('"%TURNKEEP_NODE%" "%~dp0hook.mjs" %* > nul 2>&1');
    expect(lines.filter((line) => line.includes('exit'))).toEqual([
      'if not exist "%~dp0hook.mjs" exit /b 0',
      'exit /b 0',
    ]);
    // Nothing but the program may read what the agent sends.
    for (const line of lines.filter((one) => one.includes('chcp'))) expect(line).toContain('< nul');
  });
});

describe.runIf(process.platform !== 'win32')('the sh launcher', () => {
  const RECORD = `import { writeFileSync } from 'node:fs';
let input = '';
for await (const chunk of process.stdin) input += chunk;
console.log('noise');
writeFileSync(process.env.TURNKEEP_HOME + '/seen.json', JSON.stringify({ input,
  args: process.argv.slice(2), electron: process.env.ELECTRON_RUN_AS_NODE ?? null }));
process.exit(9);`;

  /** Runs the command that an agent's file holds, as the agent does. */
  async function runHook(env: NodeJS.ProcessEnv = {}, shell = '/bin/sh') {
    const [{ after } = { after: '' }] = await plan(['cursor']);
    const { command } = JSON.parse(after ?? '').hooks.stop[0];
    const ran = spawnSync(shell, ['-c', command], {
      input: 'from the agent',
      // With a pipe for its input bash takes itself for a remote shell, and reads `.bashrc`.
      env: { PATH: process.env.PATH, SHLVL: '2', ...env },
    });
    const seen = await read(join(places.home.root, 'seen.json')).then(JSON.parse, () => null);
    return { code: ran.status, out: ran.stdout.toString(), err: ran.stderr.toString(), seen };
  }

  beforeEach(async () => {
    await writeFile(program.hookSource, RECORD);
    await writeHookProgram(program);
  });

  it.each(['/bin/sh', '/bin/bash'])('hands input and agent over under %s', async (shell) => {
    expect(await runHook({}, shell)).toEqual({
      code: 0,
      out: '{}',
      err: '',
      seen: { input: 'from the agent', args: ['cursor'], electron: '1' },
    });
  });

  it("takes the system's node when the listed one is gone", async () => {
    const list = join(places.home.bin, 'installs.tsv');
    await writeFile(list, `2.0.0\t/gone/node\t/gone/cli.mjs\n1.0.0\t${base}\t/x\n`);
    expect((await runHook()).seen).toMatchObject({ electron: null });
    await rm(list);
    await rm(join(places.home.root, 'seen.json'));
    expect((await runHook()).seen).toMatchObject({ args: ['cursor'] });
  });

  it('answers and ends with 0 when node, program or list are gone or broken', async () => {
    const fine = { code: 0, out: '{}', err: '', seen: null };
    await rm(join(places.home.bin, 'installs.tsv'));
    expect(await runHook({ PATH: join(base, 'nothing') })).toEqual(fine);
    await writeFile(join(places.home.bin, 'hook.mjs'), 'this is no program (');
    expect(await runHook()).toEqual(fine);
    await rm(join(places.home.bin, 'hook.mjs'));
    expect(await runHook()).toEqual(fine);
  });

  it('works by a link on the home', async () => {
    const link = join(base, 'linked');
    await symlink(places.home.root, link);
    await chmod(link, 0o700);
    places.home = homeLayout({ TURNKEEP_HOME: link });
    expect((await runHook()).seen).toMatchObject({ args: ['cursor'] });
  });
});

describe('writeCursorPlugin', () => {
  it('writes a manifest and the hooks, and nothing twice', async () => {
    const folder = await writeCursorPlugin(places);
    const manifest = JSON.parse(await read(join(folder, '.cursor-plugin', 'plugin.json')));
    expect(manifest).toMatchObject({ name: 'turnkeep', version: expect.any(String) });
    const { hooks } = JSON.parse(await read(join(folder, 'hooks', 'hooks.json')));
    expect(hooks.afterAgentResponse[0].command).toContain('turnkeep-hook');
    const { ino } = await stat(join(folder, 'hooks', 'hooks.json'));
    await writeCursorPlugin(places);
    expect((await stat(join(folder, 'hooks', 'hooks.json'))).ino).toBe(ino);
    await removeCursorPlugin(places.home);
    await expect(access(folder)).rejects.toThrow();
  });
});
