import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CallContext } from '../../src/contracts/context.ts';
import { clientOf, inProject } from '../support/api.ts';
import { type Behaviour, FakeProvider } from '../support/providers/fakeProvider.ts';
import {
  makeHome,
  removeHome,
  startTestServer,
  type TestServer,
  until,
} from '../support/server.ts';

let home: string;
let server: TestServer;
let provider: FakeProvider;

/** Words that mean the same, to this model alone, have the same number in the vector. */
const CONCEPTS = [
  ['automobile', 'car'],
  ['zibbet', 'quorlim'],
  ['invoice', 'bill'],
  ['zeppelin', 'airship'],
];
const vectorOf = (text: string) => [
  ...CONCEPTS.map((words) => (words.some((word) => text.toLowerCase().includes(word)) ? 1 : 0)),
  0.2,
];
const vectors = (texts: string[]) => texts.map(vectorOf);
const behave = (more: Behaviour = {}) => provider.always({ vectors, ...more });
const asked = () => provider.seen.filter(({ path }) => path === '/v1/embeddings');
const textsAsked = () => asked().flatMap(({ body }) => body.input as string[]);

const client = () => clientOf(server);
const switchTo = (model: string | null) =>
  client().request('setAiSettings', { memory_embedding_model: model });
const progress = async () => (await server.call('get_server_status', {})).embeddings;
const complete = (model: string) =>
  until(async () => {
    const now = await progress();
    return now?.model === model && now.made === now.total && now;
  }, `the embeddings of ${model}`);
const stored = async (where = 'true') => {
  const sql = `select count(*) from memory_embeddings where ${where}`;
  return Number((await server.call('run_sql', { sql })).rows[0]?.[0]);
};
const tell = (me: CallContext, ...turns: [string, string][]) =>
  server.call(
    'capture_turns',
    { turns: turns.map(([query, response]) => ({ query, response })) },
    me,
  );
const find = async (me: CallContext, query: string, more: object = {}) => {
  const { ltst } = await server.call('query_memory', { query, explain: true, ...more }, me);
  if (!ltst) throw new Error('no answer');
  return ltst;
};

const start = () => startTestServer({ home });

beforeAll(async () => {
  provider = await FakeProvider.start();
  home = await makeHome();
  server = await start();
  const settings = { retries: 0 };
  await client().request('putModelConnection', {
    ...{ connection_id: 'fake', kind: 'openai-compatible', settings },
    base_url: `${provider.url}/v1`,
  });
  for (const model_id of ['vectors', 'others']) {
    const entry = { model_id, model_name: model_id, provider: 'fake', connection_id: 'fake' };
    await client().request('registerModel', { ...entry, model_type: 'embedding' });
  }
});
beforeEach(() => behave());
afterAll(async () => {
  await server?.stop();
  await provider?.stop();
  if (home) await removeHome(home);
});

const QUESTION = 'Which zibbet did we choose?';
const ANSWER = 'The quorlim in Elm Street it is.';

describe('an embedding model for the memory', () => {
  const me = inProject('clinic');

  it('switched off is asked nothing, and nothing is kept or told', async () => {
    await tell(
      me,
      ['Whom do I see about my knee?', ANSWER],
      ['And the garden?', 'Tomatoes grow along the fence.'],
      ['What about breakfast?', 'Porridge with plums is fine.'],
    );
    const { items, embedding } = await find(me, QUESTION);
    expect(items.map(({ content }) => content)).not.toContain(ANSWER);
    expect(items.every(({ parts }) => parts && !('embedding' in parts))).toBe(true);
    expect(embedding).toBeUndefined();
    expect(await progress()).toBeUndefined();
    expect(await stored()).toBe(0);
    expect(provider.seen).toEqual([]);
  });

  it('finds what has no word of the question, and tells its part', async () => {
    await switchTo('vectors');
    expect(await complete('vectors')).toMatchObject({ made: 6, total: 6, error: null });
    expect(textsAsked()).toHaveLength(6);
    const { items, embedding } = await find(me, QUESTION);
    expect(textsAsked()).toHaveLength(7);
    expect(items[0]?.content).toBe(ANSWER);
    expect(items[0]?.parts?.embedding).toBeGreaterThan(0.3);
    expect(embedding).toEqual({ model: 'vectors', error: null });
    const filtered = await find(me, QUESTION, { filter: { message_role: 'user' } });
    expect(filtered.items.map(({ content }) => content)).not.toContain(ANSWER);
    expect((await find(inProject('elsewhere'), QUESTION)).items).toEqual([]);
    expect((await find(me, QUESTION, { project: '*' })).items[0]?.content).toBe(ANSWER);
  });

  it('gets what is said from now on, once, without its secrets', async () => {
    const secret = `ghp_${'aB3dE5gH7jK9'.repeat(3)}`;
    await tell(me, ['Where is the bill?', `In the drawer, with ${secret}.`]);
    await until(async () => (await stored()) === 8, 'the new vectors');
    expect(textsAsked().filter((text) => text.startsWith('In the drawer'))).toHaveLength(1);
    await find(me, `Where is ${secret}?`);
    expect(textsAsked().join(' ')).not.toContain(secret);
    expect(textsAsked().at(-1)).toMatch(/^Where is /);
    const { items } = await find(me, 'Any invoice?');
    expect(items[0]?.content).toBe('Where is the bill?');
  });

  it('that fails or is late is done without, and that is said', async () => {
    behave({ status: 500, message: 'out of order' });
    const failed = await find(me, 'What grows along the fence?');
    expect(failed.items[0]?.content).toContain('Tomatoes');
    expect(failed.embedding).toMatchObject({
      model: 'vectors',
      error: expect.stringContaining('out of order'),
    });
    behave({ delayMs: 10_000 });
    const began = Date.now();
    const late = await find(me, 'What grows along the fence?');
    expect(Date.now() - began).toBeLessThan(9_000);
    expect(late.items[0]?.content).toContain('Tomatoes');
    expect(late.embedding?.error).toEqual(expect.any(String));
  });

  it('loses what is deleted', async () => {
    behave();
    const before = await find(me, QUESTION);
    const turn_id = before.items.find(({ content }) => content === ANSWER)?.turn_id;
    expect(turn_id).toBeDefined();
    await server.call('delete_conversations', { turn_id });
    expect(await stored()).toBe(6);
    const after = await find(me, QUESTION);
    expect(after.items.map(({ content }) => content)).not.toContain(ANSWER);
  });

  it('goes on after a restart in the middle, and makes nothing twice', async () => {
    const many = Array.from({ length: 150 }, (_, index): [string, string] => [
      `Question ${index} of the airship?`,
      `Answer ${index} of the harbour.`,
    ]);
    behave({ delayMs: 300 });
    await tell(me, ...many);
    await until(async () => (await stored()) > 6, 'the first vectors');
    await server.stop();
    const firstPart = asked().flatMap(({ body }) => body.input as string[]).length;
    expect(firstPart).toBeLessThan(300);
    behave();
    server = await start();
    const { total } = await complete('vectors');
    expect(total).toBe(306);
    expect(textsAsked().length).toBeGreaterThan(0);
    expect(textsAsked().length).toBeLessThan(300);
    expect(await stored("model = 'vectors'")).toBe(306);
  });

  it('is replaced by another one, and leaves nothing when it is switched off', async () => {
    await switchTo('others');
    await complete('others');
    expect(await stored("model <> 'others'")).toBe(0);
    expect(await stored()).toBe(306);
    await switchTo(null);
    await until(async () => (await stored()) === 0, 'the vectors to go');
    expect(await progress()).toBeUndefined();
    behave();
    const { embedding } = await find(me, 'Any invoice?');
    expect(embedding).toBeUndefined();
    await tell(me, ['Who flies the zeppelin?', 'Nobody yet.']);
    expect(provider.seen).toEqual([]);
    await expect(switchTo('nobody')).rejects.toThrow('nobody');
  });
});

it('who may not read the memory cannot have it sent to a model', async () => {
  const { token } = await server.call('issue_token', {
    name: 'connector',
    permissions: ['models:read', 'models:write'],
  });
  const put = (settings: object) =>
    server.request('/api/v1/ai/settings', {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(settings),
    });
  expect((await put({ memory_embedding_model: 'vectors' })).status).toBe(403);
  expect((await put({ memory_embedding_model: null, retries: 1 })).status).toBe(200);
});
