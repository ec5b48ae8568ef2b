import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { allTurns, connected, textOf, until } from './support.ts';

const active = () => {
  const editor = vscode.window.activeTextEditor;
  assert.ok(editor, 'an editor is open');
  return editor;
};

async function write(text: string): Promise<void> {
  const editor = active();
  await editor.edit((edit) => edit.insert(editor.selection.active, text));
}

describe('the draft editor', () => {
  it('captures both parts when it is saved, and closes', async () => {
    const api = await connected();
    await api.drafts.create('turn', { query: 'drafted question', response: '' });
    assert.equal(active().document.languageId, 'markdown');
    await write('drafted answer\n\nin two paragraphs');
    await vscode.commands.executeCommand('workbench.action.files.save');
    await until(
      'drafts',
      () => api.app.drafts.list().length,
      (number) => number === 0,
    );
    const turns = await allTurns(api);
    const found = turns.find((node) => textOf(node, 'user') === 'drafted question');
    assert.ok(found);
    assert.equal(textOf(found, 'assistant'), 'drafted answer\n\nin two paragraphs');
    const left = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs);
    assert.equal(left.filter(({ label }) => label.includes('draft')).length, 0);
  });

  it('refuses an empty part and keeps the text', async () => {
    const api = await connected();
    await api.drafts.create('turn', { query: '', response: '' });
    await write('half a draft');
    await vscode.commands.executeCommand('workbench.action.files.save');
    await until(
      'saved',
      () => active().document.isDirty,
      (dirty) => !dirty,
    );
    const [draft] = api.app.drafts.list();
    assert.ok(draft?.text.includes('half a draft'));
    const turns = await allTurns(api);
    assert.ok(!turns.some((node) => textOf(node, 'user') === 'half a draft'));
  });

  it('keeps what is typed before it is saved, for after a reload', async () => {
    const api = await connected();
    await write(' and more');
    await until(
      'kept',
      () => api.app.drafts.list()[0]?.text ?? '',
      (text) => text.includes('and more'),
    );
    assert.equal(active().document.isDirty, true);
  });

  it('captures by its button once it is complete', async () => {
    const api = await connected();
    const { document } = active();
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, document.lineAt(document.lineCount - 1).range.end, 'the other half');
    await vscode.workspace.applyEdit(edit);
    await vscode.commands.executeCommand('turnkeep.acceptDraft', document.uri);
    assert.equal(api.app.drafts.list().length, 0);
    const turns = await allTurns(api);
    assert.ok(turns.some((node) => textOf(node, 'assistant') === 'the other half'));
  });

  it('is thrown away when it is empty, without asking', async () => {
    const api = await connected();
    await api.drafts.create('query', { query: '', response: '' });
    await vscode.commands.executeCommand('turnkeep.discardDraft');
    assert.equal(api.app.drafts.list().length, 0);
  });
});
