import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { TestRun } from '../../../src/extension/models/testRun.ts';
import type { TestApi } from '../../../src/extension/testApi.ts';
import type { ModelNode } from '../../../src/extension/views/modelsTree.ts';
import { answering } from './answers.ts';
import { connected, until } from './support.ts';

const base_url = process.env.TURNKEEP_TEST_MODELS ?? '';
const key = 'key-of-the-tests';
const LOCAL = { connection_id: 'local', kind: 'openai-compatible', base_url } as const;
const WITH_KEY = { input: { ...LOCAL, key_ref: 'secret:model_local' }, key };

const run = (command: string, argument?: unknown) =>
  vscode.commands.executeCommand<unknown>(`turnkeep.${command}`, argument);
const test = async (model: string, prompt: string) =>
  vscode.commands.executeCommand<TestRun>('turnkeep.testModel', { model, prompt });

/** Every model that the view lists now, with what its row says. */
async function listed({ views }: TestApi): Promise<Map<string, vscode.TreeItem>> {
  const tree = views.models;
  tree.refresh();
  const nodes: ModelNode[] = [];
  for (const group of await tree.getChildren()) nodes.push(...(await tree.getChildren(group)));
  return new Map(
    nodes.flatMap((node) =>
      node.kind === 'model' ? [[node.row.model.model, tree.getTreeItem(node)]] : [],
    ),
  );
}

async function idOf(api: TestApi, name: string): Promise<string> {
  const { model_id } = await api.app.server.request('getModelByName', { name });
  return model_id;
}

describe('models', () => {
  it('that the editor offers are in the registry, by their provider', async () => {
    const api = await connected();
    const all = await until(
      'models of the editor',
      () => listed(api),
      (rows) => rows.has('fake-echo'),
    );
    assert.match(all.get('fake-echo')?.contextValue ?? '', /\.active\.callable$/);
    const model = await api.app.server.request('getModel', {
      model_id: await idOf(api, 'fake-echo'),
    });
    assert.equal(model.provider, 'fake');
    assert.equal(model.source, 'editor');
    assert.equal(model.connection_id, 'vscode');
    assert.equal(model.metadata.context_window, 8000);
  });

  it('of the editor are tested there, and the call is recorded', async () => {
    const api = await connected();
    const answer = await test('fake-echo', 'one two three four');
    assert.equal(answer.text, 'one two three four');
    assert.equal(answer.input_tokens, 4);
    assert.ok((answer.first_token_ms ?? 0) <= answer.duration_ms);
    const model_id = await idOf(api, 'fake-echo');
    const read = () => api.app.server.request('listModelCalls', { model_id });
    const { calls } = await until('call', read, (page) => page.calls.length === 1);
    const [call] = calls;
    assert.equal(call?.origin, 'editor');
    assert.equal(call?.error_kind, null);
    assert.equal(call?.output_tokens, 4);
    assert.ok((call?.duration_ms ?? 0) >= 40);
  });

  it('of the editor that break down are recorded as failed, and say why', async () => {
    const api = await connected();
    await assert.rejects(() => test('fake-broken', 'one two'), /broke down/);
    const model_id = await idOf(api, 'fake-broken');
    const read = () => api.app.server.request('listModelCalls', { model_id });
    const { calls } = await until('call', read, (page) => page.calls.length === 1);
    assert.equal(calls[0]?.error_kind, 'editor_error');
  });

  it('of a provider come in with its connection; the key stays in SecretStorage', async () => {
    const api = await connected();
    const told = await answering(api, [], () => run('addModelConnection', WITH_KEY));
    assert.match(told[0]?.text ?? '', /local: 3 models, 3 of them new/);
    const all = await listed(api);
    assert.match(all.get('small-coder')?.contextValue ?? '', /\.active\.callable$/);
    const connection_id = 'local';
    const connection = await api.app.server.request('getModelConnection', { connection_id });
    assert.equal(connection.has_key, true);
    assert.ok(!JSON.stringify(connection).includes(key));
    assert.equal((await api.app.secrets.modelKey('model_local'))?.key, key);
  });

  it('of a provider are tested with a stream, and the call is recorded', async () => {
    const api = await connected();
    const answer = await test('small-coder', 'What is a mutex?');
    assert.match(answer.text, /^Hello! A mutex/);
    assert.equal(answer.input_tokens, 12);
    assert.ok(answer.first_token_ms !== null && answer.first_token_ms < answer.duration_ms);
    const model_id = await idOf(api, 'small-coder');
    const read = () => api.app.server.request('listModelCalls', { model_id });
    await until('call', read, ({ calls }) => calls.length === 1);
  });

  it('whose provider breaks off in the middle end in an error', async () => {
    await connected();
    await assert.rejects(() => test('broken-coder', 'What is a mutex?'));
  });

  it('have their key again after the server was started anew', async () => {
    const api = await connected();
    await api.app.server.restart();
    const read = () => api.app.server.request('getModelConnection', { connection_id: 'local' });
    await until('key', read, ({ has_key }) => has_key);
  });

  it('whose connection leads elsewhere now get no key', async () => {
    const api = await connected();
    const elsewhere = { ...WITH_KEY.input, base_url: 'http://127.0.0.1:9/v1' };
    await api.app.server.request('putModelConnection', elsewhere);
    await api.app.server.restart();
    const discovery = await answering(api, [], () => run('discoverModels'));
    assert.equal(discovery[0]?.kind, 'failed');
    const read = () => api.app.server.request('getModelConnection', { connection_id: 'local' });
    assert.equal((await read()).has_key, false);
    await answering(api, [], () => run('addModelConnection', WITH_KEY));
    assert.equal((await read()).has_key, true);
  });

  it('get aliases and thresholds, leave and come back; the row says so', async () => {
    const api = await connected();
    const model = 'large-coder';
    await run('setModelAlias', { model, alias: 'best' });
    await run('setModelThreshold', { model: 'best', metric: 'latency_p95_ms', threshold: 500 });
    const describe = async () => String((await listed(api)).get(model)?.description);
    assert.match(await describe(), /^best/);
    const { thresholds } = await api.app.server.request('listModelThresholds', { model });
    assert.equal(thresholds.find(({ metric }) => metric === 'latency_p95_ms')?.threshold, 500);
    await run('deactivateModel', { model });
    assert.match(await describe(), /^inactive · best/);
    await run('activateModel', { model });
    assert.match(await describe(), /^best/);
    await run('setModelThreshold', { model, metric: 'latency_p95_ms' });
    const after = await api.app.server.request('listModelThresholds', { model });
    assert.deepEqual(after.thresholds, []);
  });

  it('that begin to violate a threshold are told of, once', async () => {
    const api = await connected();
    const { app, models } = api;
    const told: string[] = [];
    const before = app.messages.violated;
    app.messages.violated = async (text) => {
      told.push(text);
      return false;
    };
    try {
      await models.watch.lookNow();
      const model = 'large-coder';
      await run('setModelThreshold', { model, metric: 'latency_p95_ms', threshold: 500 });
      const call = { model_id: model, origin: 'editor', operation: 'chat' } as const;
      const at = new Date().toISOString();
      const calls = [1, 2, 3, 4, 5, 6].map(() => ({ ...call, at, duration_ms: 900 }));
      await app.server.request('recordModelCalls', { calls });
      const row = async () => String((await listed(api)).get(model)?.description);
      await until('row', row, (text) => text.includes('1 threshold violated'));
      await models.watch.lookNow();
      await models.watch.lookNow();
      assert.equal(told.length, 1);
      assert.match(
        told[0] ?? '',
        /large-coder: Latency p95 is \d{3,4} ms; wanted is at most 500 ms/,
      );
    } finally {
      app.messages.violated = before;
    }
  });

  it('are filtered without being read anew', async () => {
    const api = await connected();
    const tree = api.views.models;
    const names = async () => {
      const groups = await tree.getChildren();
      const rows = (await Promise.all(groups.map((group) => tree.getChildren(group)))).flat();
      return rows.map((node) => node.kind === 'model' && node.row.model.model);
    };
    await run('filterModels', 'coder @callable');
    assert.deepEqual((await names()).sort(), ['broken-coder', 'large-coder', 'small-coder']);
    await run('filterModels', 'best');
    assert.deepEqual(await names(), ['large-coder']);
    await run('clearModelFilter');
    assert.ok((await names()).includes('fake-echo'));
  });

  it('have a card on hover, which no name can make run anything', async () => {
    const api = await connected();
    const { model_id } = await api.app.server.request('registerModel', {
      model_name: '[x](command:turnkeep.restartServer) <b>$(bug)',
      provider: 'odd',
    });
    const tree = api.views.models;
    tree.refresh();
    const groups = await tree.getChildren();
    const rows = (await Promise.all(groups.map((group) => tree.getChildren(group)))).flat();
    const node = rows.find((one) => one.kind === 'model' && one.row.model.model_id === model_id);
    assert.ok(node);
    const { tooltip } = await tree.resolveTreeItem(tree.getTreeItem(node), node);
    assert.ok(tooltip instanceof vscode.MarkdownString);
    assert.ok(!tooltip.isTrusted && !tooltip.supportHtml);
    assert.ok(tooltip.value.includes('\\[x\\]'), tooltip.value);
    assert.ok(tooltip.value.includes('No call in the last day'), tooltip.value);
  });

  it('have a page of their own, one each', async () => {
    await connected();
    const pages = () => {
      const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
      return tabs.filter(
        ({ input }) =>
          input instanceof vscode.TabInputWebview && input.viewType.includes('modelDetails'),
      );
    };
    await run('showModel', { model: 'small-coder' });
    const [page] = await until('page', pages, (tabs) => tabs.length === 1);
    assert.equal(page?.label, 'small-coder');
    await run('showModel', { model: 'best' });
    await until('two pages', pages, (tabs) => tabs.length === 2);
    await run('showModel', { model: 'small-coder' });
    await until('the first again', pages, ([first]) => first?.isActive === true);
    assert.equal(pages().length, 2);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('of a connection that is removed stay, and its key goes', async () => {
    const api = await connected();
    await answering(api, [[/^local/]], () => run('removeModelConnection'));
    assert.equal(await api.app.secrets.modelKey('model_local'), undefined);
    const row = (await listed(api)).get('small-coder');
    assert.match(row?.contextValue ?? '', /\.active$/);
  });
});
