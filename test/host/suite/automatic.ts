import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { IntegrationRow } from '../../../src/extension/views/integrationRows.ts';
import { type Answer, answering } from './answers.ts';
import { connected, until } from './support.ts';

const run = (command: string) => () => vscode.commands.executeCommand(`turnkeep.${command}`);
const cursorFile = join(homedir(), '.cursor', 'hooks.json');
const claudeFile = join(homedir(), '.claude', 'settings.json');
const read = (file: string) => readFileSync(file, 'utf8');
const MACHINE: Answer = [/In everything I do/];
const FROM_NOW: Answer = [/From now on/];

async function row(id: string): Promise<IntegrationRow | undefined> {
  const api = await connected();
  return (await api.views.integrations.getChildren()).find((one) => one.id === id);
}

describe('automatic capture', () => {
  it('is in a home that is made up', async () => {
    assert.match(homedir(), /turnkeep-suite-/);
    assert.ok(existsSync(cursorFile));
  });

  it('writes nothing when the person does not agree, and shows each change as a diff', async () => {
    const api = await connected();
    const before = read(cursorFile);
    const labels = () =>
      vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));
    let shown: string[] = [];
    const look = () => {
      shown = labels();
      return undefined;
    };
    await answering(
      api,
      [[/^Cursor/, /^Claude Code/], MACHINE, FROM_NOW, look],
      run('turnOnCapture'),
    );
    assert.ok(
      shown.some((label) => label.startsWith('Changes: Turn On')),
      shown.join(),
    );
    await until(
      'closed',
      labels,
      (all) => !all.some((label) => label.startsWith('Changes: Turn On')),
    );
    assert.equal(read(cursorFile), before);
    assert.ok(!existsSync(join(api.app.server.home.bin, 'hook.mjs')));
  });

  it('turns on for the agents chosen, keeps what is not ours, and watches them', async () => {
    const api = await connected();
    const answers: Answer[] = [[/^Cursor/, /^Claude Code/, /^Codex/], MACHINE, FROM_NOW, [/Write/]];
    const [told] = await answering(api, answers, run('turnOnCapture'));
    assert.match(told?.text ?? '', /is on for Cursor, Claude Code and Codex CLI/);
    const { hooks } = JSON.parse(read(cursorFile));
    assert.equal(hooks.stop[0].command, 'say done');
    assert.match(hooks.stop[1].command, /turnkeep-hook/);
    assert.ok(read(claudeFile).includes('// mine'));
    assert.ok(read(claudeFile).includes('UserPromptSubmit'));
    assert.ok(existsSync(join(api.app.server.home.bin, 'hook.mjs')));
    const { settings } = await api.app.server.call('get_capture_settings', {});
    assert.deepEqual(settings.watch, ['codex'], 'it alone is read, not hooked');
    assert.equal((await row('agent-cursor'))?.health, 'ok');
    assert.equal((await row('capture'))?.description, 'on for 3 agents');
  });

  it('has nothing to write the second time', async () => {
    const api = await connected();
    const before = [read(cursorFile), read(claudeFile)];
    await answering(api, [[/^Cursor/, /^Claude Code/], MACHINE, FROM_NOW], run('turnOnCapture'));
    assert.deepEqual([read(cursorFile), read(claudeFile)], before);
  });

  it('refuses a malformed file with its line, and opens it there', async () => {
    const api = await connected();
    const before = read(claudeFile);
    writeFileSync(claudeFile, '{\n  "model": "opus",\n  oops\n}\n');
    const answers: Answer[] = [[/^Claude Code/], MACHINE, FROM_NOW];
    const [told] = await answering(api, answers, run('turnOnCapture'), ['Open']);
    assert.equal(told?.kind, 'failed');
    assert.ok(told?.text.startsWith(`${claudeFile}, line 3`), told?.text);
    const active = () => vscode.window.activeTextEditor;
    await until('opened', active, (editor) => editor?.document.uri.fsPath === claudeFile);
    assert.equal(active()?.selection.active.line, 2);
    assert.equal((await row('agent-claude-code'))?.health, 'error');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    writeFileSync(claudeFile, before);
  });

  it('pauses and resumes for everybody, and shows it', async () => {
    const api = await connected();
    const [told] = await answering(api, [], run('pauseCapture'));
    assert.match(told?.text ?? '', /paused/);
    assert.equal(JSON.parse(read(api.app.server.home.captureSettings)).paused, true);
    assert.equal(api.app.captureState.paused, true);
    assert.equal((await row('capture'))?.description, 'paused');
    assert.match((await row('agent-cursor'))?.description ?? '', /^paused/);
    await vscode.commands.executeCommand('turnkeep.resumeCapture');
    assert.equal(JSON.parse(read(api.app.server.home.captureSettings)).paused, false);
    assert.equal((await row('capture'))?.health, 'ok');
  });

  it('sees a pause that another program made', async () => {
    const { app } = await connected();
    await app.server.call('set_capture_settings', { paused: true });
    assert.equal(app.captureState.paused, false);
    app.captures.touched();
    await until('heard', () => app.captureState.paused, Boolean);
    await app.server.call('set_capture_settings', { paused: false });
    app.captures.touched();
    await until(
      'heard',
      () => app.captureState.paused,
      (paused) => !paused,
    );
  });

  it('excludes this folder, and includes it again', async () => {
    const api = await connected();
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    const excluded = async () => {
      const { settings } = await api.app.server.call('get_capture_settings', {});
      return settings.exclude.folders;
    };
    await answering(api, [], run('excludeFolder'));
    assert.deepEqual(await excluded(), [folder]);
    await answering(api, [], run('excludeFolder'));
    assert.deepEqual(await excluded(), [folder]);
    await answering(api, [], run('includeFolder'));
    assert.deepEqual(await excluded(), []);
  });

  it('tells of settings that cannot be used, and opens them', async () => {
    const api = await connected();
    const file = api.app.server.home.captureSettings;
    const before = read(file);
    writeFileSync(file, '{ "paused": ');
    await until(
      'told',
      () => row('capture'),
      (one) => one?.description === 'settings cannot be used',
    );
    const fixes = (await row('capture'))?.fixes.map(({ command }) => command) ?? [];
    assert.equal(fixes[0], 'turnkeep.openCaptureSettings');
    await vscode.commands.executeCommand('turnkeep.openCaptureSettings');
    assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, file);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    writeFileSync(file, before);
    await until(
      'mended',
      () => row('capture'),
      (one) => one?.health === 'ok',
    );
  });

  it('prefers the plugin in Cursor, and takes the doubled hooks out', async () => {
    const api = await connected();
    const { app } = api;
    const calls: string[] = [];
    app.cursorPlugin.api = {
      registerPath: (path) => calls.push(`register ${path}`),
      unregisterPath: (path) => calls.push(`unregister ${path}`),
    };
    try {
      const answers: Answer[] = [[/^Cursor/], MACHINE, FROM_NOW, [/Write/]];
      await answering(api, answers, run('turnOnCapture'));
      const folder = join(app.server.home.root, 'cursor-plugin');
      assert.deepEqual(calls, [`register ${folder}`]);
      assert.ok(!read(cursorFile).includes('turnkeep'), read(cursorFile));
      assert.ok(read(join(folder, 'hooks', 'hooks.json')).includes('turnkeep-hook'));
      assert.equal((await row('agent-cursor'))?.health, 'ok');
      // After a new start of the editor.
      await app.cursorPlugin.settle();
      assert.equal(calls.length, 2);
      await answering(api, [[/^Cursor/], [/Turn Off/]], run('turnOffCapture'));
      assert.equal(calls.at(-1), `unregister ${folder}`);
      assert.ok(!existsSync(folder));
    } finally {
      app.cursorPlugin.api = undefined;
    }
  });

  it('shows dead letters with their reasons, and tries them again', async () => {
    const api = await connected();
    const { deadLetters } = api.app.server.home;
    await answering(api, [], run('retryDeadLetters'));
    const name = '0-broken.json';
    writeFileSync(join(api.app.server.home.spool, name), '{ "v": 1');
    await until('refused', () => existsSync(join(deadLetters, name)), Boolean);
    assert.equal((await row('capture'))?.description, 'dead letters');
    await vscode.commands.executeCommand('turnkeep.showDeadLetters');
    const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    await until('page', tabs, (all) => all.some(({ label }) => label.includes('Dead letters')));
    const [told] = await answering(api, [], run('retryDeadLetters'));
    assert.match(told?.text ?? '', /^1 dead letter tried again/);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('turns off: our own entries go, everything else stays', async () => {
    const api = await connected();
    await answering(api, ['all', [/Turn Off/]], run('turnOffCapture'));
    assert.equal(read(claudeFile), '{\n  // mine\n  "model": "opus"\n}\n');
    assert.deepEqual(JSON.parse(read(cursorFile)).hooks, { stop: [{ command: 'say done' }] });
    const { settings } = await api.app.server.call('get_capture_settings', {});
    assert.deepEqual(settings.watch, []);
    assert.equal((await row('capture'))?.description.includes('on for'), false);
    const [told] = await answering(api, [], run('turnOffCapture'));
    assert.match(told?.text ?? '', /nothing to turn off/);
  });
});
