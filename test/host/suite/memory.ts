import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { MemoryAnswer } from '../../../src/contracts/memory.ts';
import { EditorPlace } from '../../../src/extension/memory/editorPlace.ts';
import { actOnHit } from '../../../src/extension/memory/hitActions.ts';
import { capture, connected, until } from './support.ts';

const query = 'Why does the gearbox rattle in winter?';
const response = 'The gearbox oil is too thick then.\r\n```sh\nwarm it up\n```';
const active = () => vscode.window.activeTextEditor?.document;
const closeAll = () => vscode.commands.executeCommand('workbench.action.closeAllEditors');
const shownTurns = () => {
  return vscode.window.visibleTextEditors.filter(({ document }) => {
    return document.uri.scheme === 'turnkeep' && document.uri.path.startsWith('/turn/');
  });
};
const previews = () => {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.filter(({ input }) => input instanceof vscode.TabInputWebview);
};

/** A text of the person's own, with the cursor after its first word. */
async function ownText(): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument({ content: 'One two' });
  const editor = await vscode.window.showTextDocument(document);
  editor.selection = new vscode.Selection(0, 3, 0, 3);
  return editor;
}

describe('memory', () => {
  before(async () => {
    await connected();
    await capture('captureTurn', { query, response, metadata: { model: 'gpt-5' } });
  });
  afterEach(closeAll);

  it('shows the turn that one is on, and brings the text back when one leaves', async () => {
    const own = await ownText();
    await vscode.commands.executeCommand('turnkeep.search', 'gearbox rattle winter');
    const [shown] = await until('preview', shownTurns, (editors) => editors.length === 1);
    assert.ok(shown?.document.getText().includes('warm it up'), 'the whole turn is shown');
    await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
    await until('preview is gone', shownTurns, (editors) => editors.length === 0);
    await until('own text', active, (document) => document === own.document);
    assert.equal(own.document.getText(), 'One two');
  });

  it('copies and inserts the message that one is on, by the keyboard', async () => {
    const own = await ownText();
    await vscode.commands.executeCommand('turnkeep.search', 'gearbox rattle winter');
    await until('preview', shownTurns, (editors) => editors.length === 1);
    await vscode.commands.executeCommand('turnkeep.copyFound');
    const clipboard = () => vscode.env.clipboard.readText();
    await until('clipboard', clipboard, (text) => text.includes('(Source: demo-project, '));
    await vscode.commands.executeCommand('turnkeep.insertFound');
    await until(
      'inserted',
      () => own.document.getText(),
      (text) => text.includes('gearbox'),
    );
    await until('preview is gone', shownTurns, (editors) => editors.length === 0);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('opens the turn that is accepted', async () => {
    await vscode.commands.executeCommand('turnkeep.search', 'gearbox rattle winter');
    await until('preview', shownTurns, (editors) => editors.length === 1);
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    const [tab] = await until('page', previews, (tabs) => tabs.length === 1);
    assert.match(tab?.label ?? '', /gearbox/);
    await until('preview is gone', shownTurns, (editors) => editors.length === 0);
  });

  it('inserts a message at the cursor, and copies it with its source', async () => {
    const { app } = await connected();
    const { ltst } = await app.server.call('query_memory', { query: 'gearbox oil thick' });
    const item = ltst?.items.find(({ content }) => content === response);
    assert.ok(item, 'the answer is found');
    const own = await ownText();
    const place = EditorPlace.now();
    await actOnHit(app, 'insert', item, place);
    const text = own.document.getText().replaceAll('\r\n', '\n');
    assert.equal(text, `One${response.replaceAll('\r\n', '\n')} two`);
    await actOnHit(app, 'copy', item, place);
    const copied = await vscode.env.clipboard.readText();
    assert.ok(copied.startsWith(response));
    assert.match(
      copied,
      /\(Source: demo-project, \d{4}-\d\d-\d\d \d\d:\d\d, answer of gpt-5, turn /,
    );
    // Without an editor that can be written, into a new one.
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await actOnHit(app, 'insert', item, EditorPlace.now());
    assert.equal(active()?.isUntitled, true);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('rehydrates a context as a document with what can be done above it', async () => {
    await connected();
    const own = await ownText();
    const argument = { query: 'gearbox rattle', role: 'planner', max_tokens: 500 };
    const command = 'turnkeep.rehydrate';
    const answer = await vscode.commands.executeCommand<MemoryAnswer>(command, argument);
    assert.equal(answer.role, 'planner');
    assert.ok(answer.tokens > 0 && answer.tokens <= 500);
    const document = active();
    assert.ok(document);
    assert.ok(document.uri.path.startsWith('/context/'));
    assert.equal(document.getText(), answer.bundle);
    const lenses = () => {
      const name = 'vscode.executeCodeLensProvider';
      return vscode.commands.executeCommand<vscode.CodeLens[]>(name, document.uri);
    };
    const [size, ...others] = await until('lenses', lenses, (all) => all.length > 2);
    assert.match(size?.command?.title ?? '', /^\d+ of 500 tokens$/);
    assert.match(others.pop()?.command?.title ?? '', /matching message/);
    const chat = (await vscode.commands.getCommands(true)).includes('workbench.action.chat.open');
    const titles = others.map(({ command: one }) => one?.title);
    assert.deepEqual(titles, ['Copy', ...(chat ? ['Send to Chat'] : []), 'Insert', 'Save…']);
    const use = async (action: string) =>
      vscode.commands.executeCommand('turnkeep.useContext', { uri: document.uri, action });
    await use('copy');
    assert.equal(await vscode.env.clipboard.readText(), answer.bundle);
    await use('insert');
    assert.equal(own.document.getText(), `One${answer.bundle} two`);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('refuses a wrong role with the right ones', async () => {
    const run = async () =>
      vscode.commands.executeCommand('turnkeep.rehydrate', { query: 'x', role: 'boss' });
    await assert.rejects(run, /role/);
  });
});
