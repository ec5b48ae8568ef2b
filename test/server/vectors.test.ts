import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EndpointInput } from '../../src/contracts/endpoints.ts';
import { clientOf, inProject } from '../support/api.ts';
import { envelopeOf, removeHome, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ env: { POSTGRES_DSN: 'mock://test' } });
});
afterAll(async () => {
  await server.stop();
  await removeHome(server.home);
});

const of = (name: string) => clientOf(server, inProject(name));
const NOTES = [
  { id: 'deploy', text: 'We deploy the website on Fridays at noon.', metadata: { kind: 'rule' } },
  { id: 'cat', text: 'The cat sleeps on the warm keyboard.', metadata: { kind: 'fun', n: 1 } },
  { id: 'index', text: 'The database index made the query fast.', metadata: { kind: 'rule' } },
];

describe('vectors', () => {
  it('of texts are found by words and by likeness, and filtered by metadata', async () => {
    const client = of('texts');
    const made = await client.request('upsertVectors', { namespace: 'notes', items: NOTES });
    expect(made).toMatchObject({ namespace: 'notes', created: 3, updated: 0, dims: 512 });
    const ids = async (more: Omit<EndpointInput<'searchVectors'>, 'namespace'>) => {
      const found = await client.request('searchVectors', { namespace: 'notes', ...more });
      return found.items.map(({ id }) => id);
    };
    const found = await client.request('searchVectors', {
      namespace: 'notes',
      text: 'When is the website deployed?',
    });
    expect(found).toMatchObject({ compared: 3 });
    expect(found.items[0]).toMatchObject({ ...NOTES[0], updated_at: expect.any(String) });
    expect(found.items.map(({ score }) => score)).toEqual(
      found.items.map(({ score }) => score).toSorted((a, b) => b - a),
    );
    expect((await ids({ text: 'a kitten naps' }))[0]).toBe('cat');
    expect(await ids({ text: 'website', filter: { kind: 'fun', n: 1 } })).toEqual(['cat']);
    expect(await ids({ text: 'website', filter: { n: '1' } })).toEqual([]);
    expect(await ids({ text: 'website', filter: { toString: 'x' } })).toEqual([]);
    expect(await ids({ text: 'website', limit: 1 })).toEqual(['deploy']);
    expect(await ids({ text: 'website', min_score: 0.2 })).toEqual(['deploy']);
  });

  it('that are given come back by their cosine, whatever their length', async () => {
    const client = of('given');
    await client.request('upsertVectors', {
      items: [
        { id: 'x', vector: [1, 0, 0] },
        { id: 'y', vector: [0, 250.5, 0], text: 'kept with it' },
        { id: 'xy', vector: [1e-6, 1e-6, 0] },
        { id: 'back', vector: [-3, 0, 0] },
      ],
    });
    const { items } = await client.request('searchVectors', { vector: [7, 0, 0] });
    expect(items.map(({ id, score }) => [id, score])).toEqual([
      ['x', 1],
      ['xy', expect.closeTo(Math.SQRT1_2, 2)],
      ['y', 0],
      ['back', -1],
    ]);
    expect(items[2]?.text).toBe('kept with it');
    const again = await client.request('upsertVectors', {
      items: [
        { id: 'x', vector: [0, 0, 1] },
        { id: 'new', vector: [1, 0, 0.1] },
      ],
    });
    expect(again).toMatchObject({ created: 1, updated: 1, dims: 3, model: null });
    const now = await client.request('searchVectors', { vector: [1, 0, 0], limit: 1 });
    expect(now.items[0]?.id).toBe('new');
  });

  it('go one by one and by namespace, and each project has its own', async () => {
    const [one, two] = [of('one'), of('two')];
    const items = [{ id: 'a', vector: [1, 2] }];
    for (const client of [one, two]) await client.request('upsertVectors', { items });
    await one.request('upsertVectors', {
      namespace: 'more',
      items: [...items, { id: 'b', vector: [2, 1] }],
    });
    const { namespaces } = await one.request('listVectorNamespaces', {});
    expect(namespaces.map(({ namespace, count }) => [namespace, count])).toEqual([
      ['default', 1],
      ['more', 2],
    ]);
    expect(await of('nobody').request('listVectorNamespaces', {})).toEqual({ namespaces: [] });
    const none = await of('nobody').request('searchVectors', { vector: [1, 2] });
    expect(none.items).toEqual([]);
    const gone = { namespace: 'more', id: 'a' };
    expect(await one.request('deleteVector', gone)).toEqual({ deleted: 1 });
    expect(await one.request('deleteVector', gone)).toEqual({ deleted: 0 });
    const left = await one.request('searchVectors', { namespace: 'more', vector: [1, 2] });
    expect(left.items.map(({ id }) => id)).toEqual(['b']);
    expect(await one.request('deleteVectorNamespace', { namespace: 'more' })).toEqual({
      deleted: 1,
    });
    const other = await one.request('searchVectors', { project: 'two', vector: [1, 2] });
    expect(other.items.map(({ id }) => id)).toEqual(['a']);
    await server.call('merge_projects', { from: 'one', into: 'two' });
    const merged = await two.request('searchVectors', { vector: [1, 2] });
    expect(merged.items).toHaveLength(1);
  });

  it('of another length or kind, of zeros, twice or without a word are refused, and none is kept', async () => {
    const client = of('refused');
    await client.request('upsertVectors', { items: [{ id: 'a', vector: [1, 2] }] });
    const wrong: [items: object[], status: number][] = [
      [[{ id: 'b', vector: [1, 2, 3] }], 409],
      [[{ id: 'b', text: 'words of a text' }], 409],
      [[{ id: 'b', vector: [0, 0] }], 400],
      [[{ id: 'b', vector: [] }], 400],
      [[{ id: 'b' }], 400],
      [[{ id: 'b', text: 'the of and' }], 400],
      [
        [
          { id: 'b', vector: [1, 2] },
          { id: 'b', vector: [2, 1] },
        ],
        400,
      ],
      [
        [
          { id: 'b', vector: [1, 2] },
          { id: 'c', vector: [1] },
        ],
        400,
      ],
      [[{ id: 'b c', vector: [1, 2] }], 400],
      [[{ id: 'b', vector: Array.from({ length: 4097 }, () => 1) }], 400],
      [[{ id: 'b', vector: [1, '2'] }], 400],
      [[{ id: 'b', vector: [1, 2], metadata: { big: 'x'.repeat(70_000) } }], 400],
      [Array.from({ length: 1001 }, (_, n) => ({ id: `b${n}`, vector: [1, 2] })), 400],
      [[], 400],
    ];
    for (const [items, status] of wrong) {
      const answer = await server.request('/api/v1/db/vectors?', {
        method: 'POST',
        headers: { 'x-turnkeep-context': encodeURIComponent(JSON.stringify(inProject('refused'))) },
        body: JSON.stringify({ items }),
      });
      expect(answer.status, JSON.stringify(items).slice(0, 100)).toBe(status);
    }
    const { items } = await client.request('searchVectors', { vector: [1, 2] });
    expect(items.map(({ id }) => id)).toEqual(['a']);
    await expect(client.request('searchVectors', { text: 'words' })).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(client.request('searchVectors', {})).rejects.toMatchObject({
      code: 'invalid_request',
    });
    const wordless: [input: { vector?: number[]; text?: string }, path: string][] = [
      [{ text: 'the of and' }, 'text'],
      [{ vector: [0, 0] }, 'vector'],
      [{}, 'vector'],
    ];
    for (const [input, path] of wordless) {
      await expect(client.request('searchVectors', input)).rejects.toMatchObject({
        fields: [{ path }],
      });
    }
  });

  it('come a thousand at a time, more than other routes take', async () => {
    const client = of('many');
    const items = Array.from({ length: 1000 }, (_, n) => ({
      id: `v${n}`,
      vector: Array.from({ length: 256 }, (_, at) => Math.sin(n * 31 + at * 7)),
    }));
    expect(await client.request('upsertVectors', { items })).toMatchObject({ created: 1000 });
    const found = await client.request('searchVectors', { vector: items[500]?.vector ?? [] });
    expect(found.compared).toBe(1000);
    expect(found.items[0]).toMatchObject({ id: 'v500', score: expect.closeTo(1, 2) });
  });

  it('lose the secrets of their texts, are written once by key, and want the permission', async () => {
    const client = of('guarded');
    const items = [{ id: 'a', text: 'The lamp: password=correct-horse-9-battery' }];
    const idempotencyKey = 'once';
    await client.request('upsertVectors', { items }, { idempotencyKey });
    expect(await client.request('upsertVectors', { items }, { idempotencyKey })).toMatchObject({
      created: 1,
    });
    const found = await client.request('searchVectors', { text: 'lamp' });
    expect(found.items[0]?.text).toMatch(/\[redacted:/);
    expect(JSON.stringify(found)).not.toContain('horse-9');
    const { token } = await server.call('issue_token', {
      name: 'reader',
      permissions: ['memory:read'],
    });
    const refused = await server.request('/api/v1/db/vectors', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ items }),
    });
    expect(refused.status).toBe(403);
    expect((await envelopeOf(refused)).error?.message).toContain('memory:write');
  });
});
