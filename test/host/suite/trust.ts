import assert from 'node:assert/strict';
import { readFileSync, realpathSync } from 'node:fs';
import * as vscode from 'vscode';
import { connected, until } from './support.ts';

type Entry = { folder: string; trusted: boolean; by: string };

describe('trust', () => {
  it('of the workspace is told to the server, which runs scripts in its folders alone', async () => {
    const { app } = await connected();
    assert.equal(vscode.workspace.isTrusted, true);
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    assert.ok(folder, 'a folder is open');
    const entries = (): Entry[] => {
      try {
        return JSON.parse(readFileSync(app.server.home.trusted, 'utf8')).folders;
      } catch {
        return [];
      }
    };
    const found = await until('trusted folder', entries, (all) => all.length > 0);
    assert.deepEqual(
      found.map(({ folder: path, trusted, by }) => [path, trusted, by]),
      [[realpathSync(folder), true, 'editor']],
    );
  });
});
