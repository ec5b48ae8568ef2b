import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { commands } from '../../../src/extension/manifest/commands.ts';
import { settings } from '../../../src/extension/manifest/settings.ts';
import { connected, EXTENSION_ID, until } from './support.ts';

type Mark = { name: string; startTime: number };
type WithMarks = { MonacoPerformanceMarks?: { getMarks: () => Mark[] } };

describe('activation', () => {
  it('happens by itself, and connects to a server that it starts', async () => {
    const extension = vscode.extensions.getExtension(EXTENSION_ID);
    await until('active', () => extension?.isActive, Boolean);
    const { app } = await connected();
    assert.equal(app.server.state.kind, 'connected');
  });

  it('prints how long it took', () => {
    const marks = (globalThis as WithMarks).MonacoPerformanceMarks?.getMarks() ?? [];
    const at = (name: string) =>
      marks.find((mark) => mark.name === `code/extHost/${name}/${EXTENSION_ID}`)?.startTime;
    const [loads, loaded] = [at('willLoadExtensionCode'), at('didLoadExtensionCode')];
    const [starts, started] = [at('willActivateExtension'), at('didActivateExtension')];
    assert.ok(loads && loaded && starts && started, 'the marks are there');
    const [load, activate] = [loaded - loads, started - starts];
    const total = (load + activate).toFixed(1);
    console.log(
      `activation: ${total} ms (load ${load.toFixed(1)}, activate ${activate.toFixed(1)})`,
    );
  });

  it('registers every command of the table', async () => {
    const known = new Set(await vscode.commands.getCommands(true));
    const missing = commands.filter(({ command }) => !known.has(command));
    assert.deepEqual(missing, []);
  });

  it('has every setting with its default', () => {
    const configuration = vscode.workspace.getConfiguration();
    for (const [key, row] of Object.entries(settings)) {
      assert.equal(configuration.inspect(key)?.defaultValue, row.default, key);
    }
  });

  it('writes the launcher that other programs are told to run', async () => {
    const { app } = await connected();
    const { bin } = app.server.home;
    // The three files are written one after the other.
    const files = ['turnkeep', 'turnkeep.cmd', 'installs.tsv'].map((name) => join(bin, name));
    await until('launcher', () => files.every((file) => existsSync(file)), Boolean);
    const installs = readFileSync(join(bin, 'installs.tsv'), 'utf8');
    assert.ok(installs.includes(app.path('dist', 'cli.mjs')), installs);
  });

  it('keeps a token of its own in SecretStorage, which may not run the server', async () => {
    const { app } = await connected();
    const { root, token } = app.server.home;
    const own = (await app.secrets.token(root)) ?? '';
    assert.notEqual(own, readFileSync(token, 'utf8').trim());
    const payload = Buffer.from(own.split('.')[1] ?? '', 'base64url').toString('utf8');
    const { name, permissions } = JSON.parse(payload);
    assert.equal(name, 'extension');
    assert.ok(
      permissions.includes('conversations:delete') && !permissions.includes('server:admin'),
    );
  });

  it('offers the five actions as tasks', async () => {
    const tasks = await vscode.tasks.fetchTasks({ type: 'turnkeep' });
    const actions = tasks.map(({ definition }) => String(definition.action)).sort();
    const wanted = ['capture-query', 'capture-response', 'capture-turn', 'close', 'stats'];
    assert.deepEqual(actions, wanted);
  });
});
