import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { documentUri, STATISTICS_URI } from '../../../src/extension/pages/documents.ts';
import { capture, connected, turnOf, until } from './support.ts';

const read = async (uri: vscode.Uri) => (await vscode.workspace.openTextDocument(uri)).getText();

describe('documents', () => {
  it('open a turn rendered safely, and as the text that is stored', async () => {
    const api = await connected();
    const query = 'Show <img src="http://127.0.0.1/x.png"> [run](command:a.b)';
    const kept = await capture('captureTurn', { query, response: 'No.' });
    const node = await turnOf(api, kept.turn_id);
    const { turn_id, session_id } = { turn_id: '', session_id: '', ...kept };
    const target = { turn_id, session_id, title: 'A turn' };
    const page = await read(documentUri(target, 'md'));
    // Every sign that is left is escaped or broken.
    assert.doesNotMatch(page, /(?<!\\)<img|(?<!\\)\]\(command:/);
    assert.ok((await read(documentUri(target, 'txt'))).includes(query));
    await vscode.commands.executeCommand('turnkeep.openSource', node);
    const shown = vscode.window.activeTextEditor?.document;
    assert.equal(shown?.uri.scheme, 'turnkeep');
    assert.ok(shown?.getText().includes(query));
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('are read-only', async () => {
    assert.equal(vscode.workspace.fs.isWritableFileSystem('turnkeep'), false);
    assert.equal(vscode.workspace.fs.isWritableFileSystem('turnkeep-draft'), true);
  });

  it('put a session on the clipboard, verbatim', async () => {
    const api = await connected();
    const kept = await capture('captureTurn', { query: 'copy <b>me</b>', response: 'copied' });
    const node = await turnOf(api, kept.turn_id);
    await vscode.commands.executeCommand('turnkeep.copyMarkdown', node.parent);
    const text = await until(
      'clipboard',
      () => vscode.env.clipboard.readText(),
      (found) => found.includes('copied'),
    );
    assert.ok(text.includes('copy <b>me</b>'));
  });

  it('show statistics in a preview', async () => {
    await connected();
    await vscode.commands.executeCommand('turnkeep.showStatistics');
    const text = await read(STATISTICS_URI);
    assert.match(text, /# Session statistics/);
    assert.match(text, /\| Turns \| \d+ \|/);
    const tabs = () => vscode.window.tabGroups.activeTabGroup.tabs.map(({ label }) => label);
    await until('preview tab', tabs, (labels) => labels.some((label) => /statistics/i.test(label)));
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
});
