import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { capture, connected, turnOf } from './support.ts';

describe('views', () => {
  it('Conversations shows project, session and turn with labels for everybody', async () => {
    const api = await connected();
    const query = `A title\nof two lines ${'and long '.repeat(30)}`;
    const kept = await capture('captureTurn', { query, response: 'ok' });
    const node = await turnOf(api, kept.turn_id);
    const tree = api.views.conversations;
    for (const each of [node, node.parent, node.parent.parent]) {
      const item = tree.getTreeItem(each);
      assert.equal(typeof item.label, 'string');
      assert.ok(!/[\r\n]/.test(String(item.label)), 'one line');
      assert.ok(String(item.label).length <= 80);
      assert.ok(item.accessibilityInformation?.label);
      assert.equal(typeof item.tooltip, 'string');
    }
    assert.equal(tree.getParent(node), node.parent);
  });

  it('Conversations loads long sessions by pages', async () => {
    const api = await connected();
    await vscode.commands.executeCommand('turnkeep.closeSession');
    const turns = Array.from({ length: 150 }, (_, index) => ({
      query: `page question ${index}`,
      response: `page answer ${index}`,
    }));
    const { session_id } = await api.app.server.call('capture_turns', { turns });
    const tree = api.views.conversations;
    tree.refresh();
    const projects = await tree.getChildren();
    const sessions = (await Promise.all(projects.map((node) => tree.getChildren(node)))).flat();
    const session = sessions.find(
      (node) => node.kind === 'session' && node.session.session_id === session_id,
    );
    assert.ok(session);
    const page = await tree.getChildren(session);
    const more = page.at(-1);
    assert.ok(more?.kind === 'more', 'the last row loads more');
    await tree.loadMore(more);
    const all = await tree.getChildren(session);
    assert.equal(all.filter(({ kind }) => kind === 'turn').length, 150);
    assert.equal(all.filter(({ kind }) => kind === 'more').length, 0);
    await vscode.commands.executeCommand('turnkeep.closeSession');
  });

  it('Models lists what captured turns named', async () => {
    const api = await connected();
    await capture('captureTurn', {
      query: 'which model?',
      response: 'this one',
      metadata: { model: 'test-model-1' },
    });
    const tree = api.views.models;
    tree.refresh();
    const groups = await tree.getChildren();
    const nodes = (await Promise.all(groups.map((group) => tree.getChildren(group)))).flat();
    const found = nodes.map((node) => tree.getTreeItem(node));
    const seen = found.find(({ label }) => label === 'test-model-1');
    assert.match(String(seen?.description), /^1 turn, /);
    assert.equal(seen?.contextValue, 'turnkeep.model.active');
    assert.ok(found.every(({ accessibilityInformation }) => accessibilityInformation?.label));
  });

  it('Integrations shows the systems and the agents found, each with a fix', async () => {
    const api = await connected();
    const rows = await api.views.integrations.getChildren();
    const states = rows.map(({ id, health }) => `${id} ${health}`);
    assert.deepEqual(states.slice(0, 4), ['server ok', 'database ok', 'spool ok', 'mcp-vscode ok']);
    const rest = rows.slice(5).map(({ id, description }) => `${id} ${description}`);
    assert.deepEqual(rest, [
      'capture not turned on',
      'agent-cursor not turned on',
      'agent-claude-code not turned on',
    ]);
    assert.ok(rows.every(({ fixes }) => fixes.length > 0));
    assert.match(rows[0]?.description ?? '', /running · \d+ ms/);
  });
});
