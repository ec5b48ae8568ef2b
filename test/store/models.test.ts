import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelInput } from '../../src/contracts/modelEndpoints.ts';
import { deleteAlias, setAlias } from '../../src/server/models/aliases.ts';
import { deleteConnection } from '../../src/server/models/connections/store.ts';
import { historyOf } from '../../src/server/models/events.ts';
import { exportModels, importModels } from '../../src/server/models/exchange.ts';
import { lineageOf, versionsOf } from '../../src/server/models/lineage.ts';
import { Models } from '../../src/server/models/service.ts';
import { modelsWithTurns } from '../../src/server/models/withTurns.ts';
import { type Answered, providerLists } from '../support/modelLists.ts';
import { keepingLog, message, newPlace, type Opened, openEmpty } from './support.ts';

const silent = { ...keepingLog(), debug() {}, async close() {} };

describe.each(['memory', 'postgres'] as const)('models on %s', (engine) => {
  let opened: Opened;
  let models: Models;
  beforeAll(async () => {
    opened = await openEmpty(engine);
    models = new Models({ database: opened.db, log: silent, env: { SOME_KEY: 'of the test' } });
  });
  afterAll(async () => {
    await models?.stop();
    await opened?.end();
  });

  const add = async (input: Omit<ModelInput, 'provider'> & { provider?: string }) => {
    return (await models.register({ provider: 'acme', ...input })).model;
  };
  const kinds = async (id: string) => {
    return (await historyOf(opened.db, id, {})).events.map(({ kind }) => kind);
  };

  it('finds a model by id, alias, name and version', async () => {
    const first = await add({ model_name: 'finder', version: 'a', aliases: ['find-me'] });
    expect(first).toMatchObject({ model_id: 'acme/finder@a', aliases: ['find-me'] });
    const second = await add({ model_name: 'finder', version: 'b' });
    const idOf = async (name: string) => (await models.resolve(name)).model_id;
    expect(await idOf('acme/finder@a')).toBe(first.model_id);
    expect(await idOf('find-me')).toBe(first.model_id);
    expect(await idOf('finder')).toBe(second.model_id);
    expect(await idOf('finder@a')).toBe(first.model_id);
    await models.setActive('finder', false, 'too slow');
    expect(await idOf('finder')).toBe(first.model_id);
    expect(await idOf(second.model_id)).toBe(second.model_id);
    await models.setActive(first.model_id, false);
    await expect(models.resolve('finder')).rejects.toThrow('deactivated');
    await expect(models.resolve('findr')).rejects.toThrow(/Do you mean .*finder/);
    const versions = await versionsOf(opened.db.read, 'finder');
    expect(versions.map(({ version }) => version)).toEqual(['b', 'a']);
    const { events } = await historyOf(opened.db, second.model_id, { kind: 'deactivated' });
    expect(events.map(({ detail }) => detail)).toEqual([{ reason: 'too slow' }]);
  });

  it('has one entry of a name, provider and version', async () => {
    await add({ model_id: 'only-one', model_name: 'only' });
    const again = { model_name: 'only' };
    await expect(add({ ...again, model_id: 'only-one' })).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(add(again)).rejects.toThrow('registered as only-one');
    await setAlias(opened.db, 'only-alias', 'only-one');
    const asAlias = { model_id: 'only-alias', model_name: 'another' };
    await expect(add(asAlias)).rejects.toThrow('an alias of only-one');
    expect((await add({ ...again, version: 'next' })).model_id).toBe('acme/only@next');
  });

  it('moves an alias, and keeps both histories', async () => {
    await add({ model_id: 'one', model_name: 'alias-one', aliases: ['best'] });
    await add({ model_id: 'two', model_name: 'alias-two' });
    expect(await setAlias(opened.db, 'best', 'two')).toMatchObject({ isNew: false });
    expect((await models.resolve('best')).model_id).toBe('two');
    expect(await kinds('one')).toEqual(['alias_removed', 'alias', 'registered']);
    await expect(setAlias(opened.db, 'one', 'two')).rejects.toMatchObject({ code: 'conflict' });
    expect(await deleteAlias(opened.db, 'best')).toBe(true);
    expect(await deleteAlias(opened.db, 'best')).toBe(false);
    await expect(models.resolve('best')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('tells the lineage both ways, and refuses a circle', async () => {
    for (const [name, replaces] of [['gen-a'], ['gen-b', 'gen-a'], ['gen-c', 'gen-b']]) {
      const id = String(name);
      await add({ model_id: id, model_name: id, ...(replaces ? { replaces } : {}) });
    }
    const ids = (found: { model_id: string }[]) => found.map(({ model_id }) => model_id);
    const { replaces, replaced_by } = await lineageOf(opened.db.read, 'gen-c');
    expect([ids(replaces), ids(replaced_by)]).toEqual([['gen-b', 'gen-a'], []]);
    const old = await lineageOf(opened.db.read, 'gen-a');
    expect([ids(old.replaces), ids(old.replaced_by)]).toEqual([[], ['gen-b', 'gen-c']]);
    expect((await models.get('gen-a')).replaced_by).toEqual(['gen-b']);
    await expect(models.update('gen-a', { replaces: 'gen-c' })).rejects.toThrow('itself');
    await expect(models.update('gen-a', { replaces: 'gen-x' })).rejects.toThrow('gen-x');
  });

  it('keeps in the history what a field was, and no secret', async () => {
    await add({ model_id: 'changing', model_name: 'changing', tags: ['old'] });
    const parameters = { temperature: 0.5, api_key: 'verysecretvalue' };
    const changed = await models.update('changing', { tags: ['new'], parameters });
    expect(changed.parameters.temperature).toBe(0.5);
    const { events } = await historyOf(opened.db, 'changing', { limit: 1 });
    expect(events[0]?.detail.tags).toEqual({ from: ['old'], to: ['new'] });
    const everything = JSON.stringify([changed, events]);
    expect(everything).not.toContain('verysecretvalue');
    expect(await models.update('changing', { tags: ['new'] })).toEqual(changed);
    expect(await kinds('changing')).toEqual(['updated', 'registered']);
  });

  it('lists what matches, by pages', async () => {
    for (const model_name of ['list-a', 'list-b', 'list-c']) {
      await add({ provider: 'lister', model_name, model_type: 'embedding', tags: ['listed'] });
    }
    await models.setActive('list-b', false);
    const page = await models.list({ tag: 'listed', type: 'embedding', limit: 2 });
    expect(page.models.map(({ model_name }) => model_name)).toEqual(['list-a', 'list-b']);
    const next = await models.list({
      ...{ tag: 'listed', limit: 2, cursor: page.next_cursor ?? '' },
    });
    expect(next).toMatchObject({ models: [{ model_name: 'list-c' }], next_cursor: null });
    const used = await models.list({ provider: 'lister', active: true });
    expect(used.models).toHaveLength(2);
    expect((await models.list({ q: 'LIST-C' })).models).toHaveLength(1);
    expect((await models.list({ q: '%' })).models).toEqual([]);
  });

  it('gives models that captured turns name an entry, each once', async () => {
    const place = await newPlace(opened.db);
    const turn = (position: number, model: string) => message(place, position, { model });
    await opened.db.write((tx) =>
      tx.insert('conversation_messages', [
        turn(1, 'claude-test-one'),
        turn(2, 'claude-test-one'),
        turn(3, 'mystery'),
      ]),
    );
    expect(await models.resolve('claude-test-one')).toMatchObject({
      ...{ model_id: 'anthropic/claude-test-one', provider: 'anthropic', source: 'captured' },
      ...{ connection_id: null, is_active: true },
    });
    const listed = await modelsWithTurns(models, { q: 'claude-test-one' });
    expect(listed).toMatchObject([{ model: 'claude-test-one', turn_count: 2, callable: false }]);
    expect((await modelsWithTurns(models, { provider: 'unknown' }))[0]?.model).toBe('mystery');
    const other = new Models({ database: opened.db, log: silent, env: {} });
    expect([...(await other.takeInNames()).values()].sort()).toEqual(
      [...(await models.takeInNames()).values()].sort(),
    );
    expect(await kinds('anthropic/claude-test-one')).toEqual(['registered']);
    // A person who registers it takes it over: its turns stay with it.
    const { model, isNew } = await models.register({
      model_name: 'claude-test-one',
      provider: 'anthropic',
      tags: ['mine'],
    });
    expect([model.source, model.tags, isNew]).toEqual(['manual', ['mine'], false]);
    expect((await modelsWithTurns(models, { tag: 'mine' }))[0]?.turn_count).toBe(2);
  });

  it('takes in what a provider lists, and leaves what a person said', async () => {
    const list = (data: unknown[]): Answered => ({ body: { data } });
    const provider = await providerLists({
      'GET /v1/models': list([
        {
          id: 'vendor/big',
          context_length: 200_000,
          architecture: { input_modalities: ['text', 'image'], output_modalities: ['text'] },
          pricing: { prompt: '0.0000025', completion: '0.00001', input_cache_read: '-1' },
        },
        { id: 'text-embedding-tiny', object: 'model' },
        { id: 'bad\nname' },
      ]),
    });
    const url = `${provider.url}/v1`;
    await models.connect({
      ...{ connection_id: 'router', kind: 'openai-compatible', base_url: url },
      key_ref: 'env:SOME_KEY',
    });
    expect(await models.discover('router')).toEqual([
      { connection_id: 'router', found: 3, added: 2, updated: 0, error: null },
    ]);
    expect(provider.asked[0]?.headers.authorization).toBe('Bearer of the test');
    const big = await models.get('router/vendor/big');
    expect(big).toMatchObject({ connection_id: 'router', source: 'discovered' });
    expect(big.metadata).toEqual({
      context_window: 200_000,
      input_modalities: ['text', 'image'],
      output_modalities: ['text'],
      prices: { input: '0.0000025', output: '0.00001' },
    });
    expect((await models.get('router/text-embedding-tiny')).model_type).toBe('embedding');

    await add({ provider: 'router', model_name: 'own', metadata: { context_window: 5 } });
    await models.setActive('router/vendor/big', false);
    provider.answers['GET /v1/models'] = list([
      { id: 'vendor/big', context_length: 300_000 },
      { id: 'own', context_length: 9, max_output_tokens: 4 },
    ]);
    expect(await models.discover('router')).toMatchObject([{ added: 0, updated: 2 }]);
    expect(await models.get('router/vendor/big')).toMatchObject({
      is_active: false,
      metadata: { context_window: 300_000, prices: { input: '0.0000025' } },
    });
    expect(await models.get('router/own')).toMatchObject({
      ...{ connection_id: 'router', source: 'manual' },
      metadata: { context_window: 5, max_output_tokens: 4 },
    });
    expect(await models.discover('router')).toMatchObject([{ added: 0, updated: 0 }]);

    await models.connect({ connection_id: 'mirror', kind: 'openai-compatible', base_url: url });
    expect(await models.discover('mirror')).toMatchObject([{ added: 2 }]);
    expect(await deleteConnection(opened.db, 'router')).toBe(true);
    expect((await models.get('router/own')).connection_id).toBeNull();

    // What a person says of what was only discovered stays, too.
    const prices = { input: '0.5', output: '1' };
    await models.update('mirror/own', { metadata: { context_window: 7, prices } });
    await models.discover('mirror');
    expect((await models.get('mirror/own')).metadata).toEqual({
      ...{ context_window: 7, prices, max_output_tokens: 4 },
    });
    await provider.close();
    const [dead] = await models.discover('mirror');
    expect(dead?.error).toContain('does not answer');
    expect((await models.connection('mirror')).state).toMatchObject({
      model_count: 2,
      error: dead?.error,
    });
  });

  it('gives back what it exported, here and in an empty registry', async () => {
    const file = await exportModels(opened.db);
    expect(JSON.stringify(file)).not.toContain('of the test');
    const same = await importModels(opened.db, file);
    expect(same.models).toEqual({ added: 0, updated: 0, unchanged: file.models.length });
    expect(same.connections).toMatchObject({ added: 0, updated: 0 });
    const empty = await openEmpty('memory');
    try {
      const done = await importModels(empty.db, file);
      expect(done.models.added).toBe(file.models.length);
      expect(await exportModels(empty.db)).toEqual(file);
      const model = { model_id: 'keyed', model_name: 'keyed', provider: 'acme' };
      const parameters = { api_key: 'verysecretvalue', top_p: 0.5 };
      const models = [{ ...model, parameters: { top_p: 1 } }];
      await importModels(empty.db, { ...file, models });
      await importModels(empty.db, { ...file, models: [{ ...model, parameters }] });
      const { events } = await historyOf(empty.db, 'keyed', {});
      expect(events[0]?.detail.parameters).toMatchObject({
        ...{ from: { top_p: 1 }, to: { top_p: 0.5 } },
      });
      expect(JSON.stringify(events)).not.toContain('verysecretvalue');
      const alias = { alias: 'lost', model_id: 'nowhere' };
      const lost = importModels(empty.db, { ...file, models: [], aliases: [alias] });
      await expect(lost).rejects.toThrow('nowhere');
    } finally {
      await empty.end();
    }
  });
});
