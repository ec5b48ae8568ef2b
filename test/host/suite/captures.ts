import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { undoCaptures } from '../../../src/extension/capture/undo.ts';
import { allTurns, capture, connected, textOf, turnOf } from './support.ts';

describe('captures', () => {
  it('a turn by command is in the view, verbatim, once', async () => {
    const api = await connected();
    const query = 'What is the\n  project status? 🚀';
    const response = 'All systems work.\r\n```ts\nconst a = "<b>";\n```';
    const kept = await capture('captureTurn', { query, response, metadata: { source: 'chat' } });
    assert.equal(kept.stored, true);
    const node = await turnOf(api, kept.turn_id);
    assert.equal(textOf(node, 'user'), query);
    assert.equal(textOf(node, 'assistant'), response);
    assert.deepEqual(node.turn.messages[0]?.metadata, { source: 'chat' });
    assert.equal(node.parent.session.session_id, kept.session_id);
    const same = (await allTurns(api)).filter(({ turn }) => turn.turn_id === kept.turn_id);
    assert.equal(same.length, 1);
  });

  it('belong to this editor, window and project', async () => {
    const api = await connected();
    const kept = await capture('captureTurn', { query: 'whose?', response: 'mine' });
    const { parent } = await turnOf(api, kept.turn_id);
    assert.equal(parent.session.agent, 'vscode');
    assert.equal(parent.parent.project.name, 'demo-project');
  });

  it('an answer joins the open question', async () => {
    const api = await connected();
    const asked = await capture('captureQuery', { query: 'Who answers?' });
    const open = await turnOf(api, asked.turn_id);
    assert.equal(textOf(open, 'assistant'), undefined);
    const answered = await capture('captureResponse', { response: 'I do.' });
    assert.equal(answered.turn_id, asked.turn_id);
    const node = await turnOf(api, asked.turn_id);
    assert.equal(textOf(node, 'user'), 'Who answers?');
    assert.equal(textOf(node, 'assistant'), 'I do.');
  });

  it('can be undone; an undone answer leaves its question open', async () => {
    const api = await connected();
    const turn = await capture('captureTurn', { query: 'undo me', response: 'yes' });
    const stored = (kind: 'turn' | 'response', ids: typeof turn) => ({
      stored: true as const,
      kind,
      turn_id: ids.turn_id ?? '',
      session_id: ids.session_id ?? '',
      thread_id: ids.thread_id ?? '',
    });
    await undoCaptures(api.app.server, [stored('turn', turn)]);
    const texts = async () => (await allTurns(api)).map((node) => textOf(node, 'user'));
    assert.ok(!(await texts()).includes('undo me'));

    await capture('captureQuery', { query: 'stays open' });
    const answer = await capture('captureResponse', { response: 'goes away' });
    await undoCaptures(api.app.server, [stored('response', answer)]);
    const left = (await allTurns(api)).filter((node) => textOf(node, 'user') === 'stays open');
    assert.equal(left.length, 1);
    assert.equal(left[0] && textOf(left[0], 'assistant'), undefined);
  });

  it('go into a new session after the old one is closed', async () => {
    await connected();
    const first = await capture('captureTurn', { query: 'one', response: '1' });
    const closed = await vscode.commands.executeCommand<{ closed: boolean }>(
      'turnkeep.closeSession',
    );
    assert.equal(closed.closed, true);
    const second = await capture('captureTurn', { query: 'two', response: '2' });
    assert.notEqual(second.session_id, first.session_id);
  });

  it('are counted', async () => {
    const { app } = await connected();
    const before = await app.server.call('get_conversation_stats', {});
    await capture('captureTurn', { query: 'count', response: 'me' });
    const after = await app.server.call('get_conversation_stats', {});
    assert.equal(after.stats.turn_count, before.stats.turn_count + 1);
    assert.equal(after.stats.totals.messages, before.stats.totals.messages + 2);
  });

  it('are refused with a reason when a text is missing or too large', async () => {
    await connected();
    await assert.rejects(async () => capture('captureTurn', { query: 'only' }), /"response"/);
    const huge = 'x'.repeat(9 * 1024 * 1024);
    await assert.rejects(async () => capture('captureQuery', { query: huge }), /8 MiB/);
  });
});
