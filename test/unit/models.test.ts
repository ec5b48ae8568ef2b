import { describe, expect, it } from 'vitest';
import type { Connection } from '../../src/contracts/modelConnections.ts';
import { DiscoveryWatch } from '../../src/server/models/discovery/watch.ts';
import { nearest } from '../../src/server/models/nearest.ts';
import { guessProvider } from '../../src/server/models/providers.ts';
import { TurnCounts } from '../../src/server/models/turnCounts.ts';

describe('whose model a name is', () => {
  it.each([
    ['claude-opus-4-5', 'anthropic'],
    ['gpt-5-codex', 'openai'],
    ['o3-mini', 'openai'],
    ['o3', 'openai'],
    ['olmo-2', 'unknown'],
    ['anthropic/claude-sonnet-4', 'anthropic'],
    ['models/gemini-2.5-pro', 'gcp.gemini'],
    ['Qwen3-coder', 'alibaba'],
    ['composer-1', 'cursor'],
    ['auto', 'unknown'],
  ])('%s: %s', (name, provider) => expect(guessProvider(name)).toBe(provider));
});

describe('nearest', () => {
  const names = ['gpt-4', 'gpt-4-turbo', 'claude-opus', 'best', 'best'];

  it('has the likeliest names first, each once, and none that is unlike', () => {
    expect(nearest('gtp-4', names)[0]).toBe('gpt-4');
    expect(nearest('BEST', names)).toEqual(['best']);
    expect(nearest('zzz', names)).toEqual([]);
    expect(nearest('', names)).toEqual([]);
  });
});

describe('watched connections', () => {
  const connection = (connection_id: string, more: Partial<Connection> = {}): Connection => ({
    ...{ connection_id, kind: 'ollama', base_url: null, key_ref: null, has_key: true },
    ...{ enabled: true, settings: {}, state: {}, created_at: '', updated_at: '', ...more },
  });
  const minutes = (count: number) => count * 60_000;

  async function watching(connections: Connection[], isDown: () => boolean) {
    const asked: string[] = [];
    const watch = new DiscoveryWatch({
      discoverer: {
        canAsk: ({ kind }) => kind !== 'vscode',
        async discover({ connection_id }) {
          asked.push(connection_id);
          const error = isDown() ? 'does not answer' : null;
          return { connection_id, found: 0, added: 0, updated: 0, error };
        },
      },
      connections: async () => connections,
      log: { debug() {}, info() {}, warn() {}, error() {}, async close() {} },
    });
    const at = async (minute: number) => {
      asked.length = 0;
      await watch.beat(minutes(minute));
      return [...asked];
    };
    return { at, watch };
  }

  it('asks those of this computer that are on, and nobody else', async () => {
    const { at } = await watching(
      [
        connection('here'),
        connection('by-name', { kind: 'openai-compatible', base_url: 'http://localhost:8080/v1' }),
        connection('off', { enabled: false }),
        connection('no-key', { has_key: false }),
        connection('elsewhere', { kind: 'anthropic' }),
        connection('looks-like-here', { base_url: 'http://127.0.0.1.example.com' }),
        connection('editor', { kind: 'vscode' }),
      ],
      () => false,
    );
    expect(await at(0)).toEqual(['here', 'by-name']);
    expect(await at(1)).toEqual(['here', 'by-name']);
  });

  it('asks one that is down ever more seldom, and at once when it was there again', async () => {
    let down = true;
    const { at } = await watching([connection('here')], () => down);
    const asked: number[] = [];
    for (let minute = 0; minute < 100; minute += 1) {
      if ((await at(minute)).length > 0) asked.push(minute);
    }
    expect(asked).toEqual([0, 1, 3, 7, 15, 31, 61, 91]);
    down = false;
    expect(await at(121)).toEqual(['here']);
    expect(await at(122)).toEqual(['here']);
  });

  it('asks nobody after its end', async () => {
    const { at, watch } = await watching([connection('here')], () => false);
    await watch.stop();
    expect(await at(0)).toEqual([]);
  });
});

describe('turns of models', () => {
  /** A store that counts as slowly as it is told. */
  function storeOf(uses: Record<string, string>, counts: Record<string, number>) {
    const store = { uses, counts, ms: 0, counted: 0, clock: 0 };
    const turnCounts = new TurnCounts({
      uses: async () => new Map(Object.entries(store.uses)),
      async count() {
        store.counted += 1;
        store.clock += store.ms;
        return Object.entries(store.counts).map(([model, turn_count]) => {
          return { model, turn_count, first_used_at: '', last_used_at: '' };
        });
      },
      now: () => store.clock,
      log: { debug() {}, info() {}, warn() {}, error() {}, async close() {} },
    });
    const get = async () => Object.fromEntries(await turnCounts.get());
    return { store, turnCounts, get };
  }

  it('are counted each time while that is quick', async () => {
    const { store, get } = storeOf({ a: '1' }, { a: 3 });
    expect(await get()).toEqual({ a: { turn_count: 3, last_used_at: '1' } });
    store.counts = { a: 2 };
    expect(await get()).toEqual({ a: { turn_count: 2, last_used_at: '1' } });
  });

  it('are counted in the background when that takes long, and at once for a new name', async () => {
    const { store, turnCounts, get } = storeOf({ a: '1' }, { a: 3 });
    store.ms = 60;
    await get();
    await get();
    expect(store.counted).toBe(1);
    [store.uses, store.counts] = [{ a: '2' }, { a: 4 }];
    expect(await get()).toEqual({ a: { turn_count: 3, last_used_at: '2' } });
    await turnCounts.settled();
    expect(await get()).toEqual({ a: { turn_count: 4, last_used_at: '2' } });
    expect(store.counted).toBe(2);
    [store.uses, store.counts] = [
      { a: '2', b: '3' },
      { a: 4, b: 1 },
    ];
    expect(await get()).toMatchObject({ b: { turn_count: 1 } });
    store.counts = { a: 5, b: 1 };
    store.clock += 6 * 60_000;
    await get();
    await turnCounts.settled();
    expect(await get()).toMatchObject({ a: { turn_count: 5 } });
    turnCounts.forget();
    store.counts = { a: 9, b: 9 };
    expect(await get()).toMatchObject({ a: { turn_count: 9 } });
  });
});
