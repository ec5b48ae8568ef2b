import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EndpointContract } from '../../src/contracts/endpoint.ts';
import { endpoints } from '../../src/contracts/endpoints.ts';
import { RESERVED_MODEL_IDS } from '../../src/contracts/models.ts';
import { clientOf, inProject } from '../support/api.ts';
import { type Answered, providerLists } from '../support/modelLists.ts';
import {
  envelopeOf,
  removeHome,
  startTestServer,
  type TestServer,
  until,
} from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  const env = { POSTGRES_DSN: 'mock://test', TEST_PROVIDER_KEY: 'given by the environment' };
  server = await startTestServer({ env });
});
afterAll(async () => {
  await server.stop();
  await removeHome(server.home);
});

const send = (method: string, path: string, body?: unknown) =>
  server.request(`/api/v1/models${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const refusal = async (method: string, path: string, body: unknown) => {
  const { error } = await envelopeOf(await send(method, path, body));
  return `${error?.code}: ${error?.message}`;
};

describe('/api/v1/models', () => {
  it('registers, gives back, and keeps the history of the metrics', async () => {
    const client = clientOf(server);
    const given = {
      model_id: 'gpt-4-v1',
      model_name: 'gpt-4',
      model_type: 'llm',
      provider: 'openai',
      version: '1.0',
      parameters: { temperature: 0.7, max_tokens: 2000 },
      performance_metrics: { accuracy: 0.95, latency: 300 },
    } as const;
    const answer = await send('POST', '', given);
    expect(answer.status).toBe(201);
    const found = await client.request('getModel', { model_id: 'gpt-4-v1' });
    expect(found).toMatchObject({ ...given, is_active: true, source: 'manual' });
    expect(await client.request('getModel', { model_id: 'gpt-4' })).toEqual(found);
    const named = { name: 'gpt-4', version: '1.0', provider: 'openai' };
    expect(await client.request('getModelByName', named)).toEqual(found);

    await client.request('updateModelPerformance', {
      model_id: 'gpt-4-v1',
      metrics: { accuracy: 0.96 },
    });
    const updated = await client.request('getModel', { model_id: 'gpt-4-v1' });
    expect(updated.performance_metrics).toEqual({ accuracy: 0.96, latency: 300 });
    const { events } = await client.request('listModelHistory', { model_id: 'gpt-4-v1' });
    expect(events.map(({ kind }) => kind)).toEqual(['metrics', 'registered']);
    expect(events[1]?.detail.metrics).toEqual({ accuracy: 0.95, latency: 300 });
    expect(JSON.stringify(events[0]?.detail)).toContain('0.96');
    expect(await refusal('POST', '', given)).toContain('conflict');
  });

  it('takes no word of an address for an id or alias', async () => {
    const ofModels = Object.values<EndpointContract>(endpoints)
      .filter(({ path }) => path.startsWith('/api/v1/models/'))
      .map(({ path }) => path.split('/')[4] ?? '')
      .filter((word) => !word.startsWith('{'));
    expect(ofModels).toContain('aliases');
    expect(ofModels.filter((word) => !RESERVED_MODEL_IDS.has(word))).toEqual([]);
    for (const word of ['aliases', 'thresholds']) {
      const model = { model_id: word, model_name: 'x', provider: 'y' };
      expect(await refusal('POST', '', model)).toContain('part of an address');
      expect(await refusal('PUT', `/aliases/${word}`, { model: 'x' })).toContain('part of an');
    }
    expect(await envelopeOf(await send('GET', '/aliases'))).toMatchObject({
      data: { aliases: expect.anything() },
    });
  });

  it('finds ids that hold slashes and odd signs by their address', async () => {
    const client = clientOf(server);
    const model_name = 'vendor/odd name%2F ?#ü@1';
    const made = await client.request('registerModel', { model_name, provider: 'router' });
    expect(made.model_id).toBe(`router/${model_name}`);
    expect(await client.request('getModel', { model_id: made.model_id })).toEqual(made);
    const off = await client.request('deactivateModel', {
      ...{ model_id: made.model_id, reason: 'odd' },
    });
    expect(off.is_active).toBe(false);
    await expect(client.request('getModel', { model_id: 'nobody' })).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(
      await refusal('POST', '', { model_id: 'a\nb', model_name: 'x', provider: 'y' }),
    ).toContain('model_id');
  });

  it('shows what captured turns name, with their number, also to models', async () => {
    await server.call(
      'capture_turns',
      { turns: [{ query: 'Who?', response: 'Me.', metadata: { model: 'gemini-of-the-test' } }] },
      inProject('models'),
    );
    const { models } = await server.call('list_models', { q: 'of-the-test' });
    expect(models).toMatchObject([
      { model_id: 'gcp.gemini/gemini-of-the-test', turn_count: 1, callable: false },
    ]);
    const listed = await clientOf(server).request('listModels', { provider: 'gcp.gemini' });
    expect(listed.models).toMatchObject([{ source: 'captured' }]);
  });

  it('holds no key and goes to no address that it should not', async () => {
    const put = (body: unknown) => refusal('PUT', '/connections/safe', body);
    const kind = 'openai-compatible';
    expect(await put({ kind })).toContain('Give the address');
    expect(await put({ kind, base_url: 'ftp://example.com' })).toContain('base_url');
    expect(await put({ kind, base_url: 'file:///etc/passwd' })).toContain('base_url');
    expect(await put({ kind, base_url: 'http://models.example.com/v1' })).toContain('allow_http');
    expect(await put({ kind, base_url: 'https://me:pass@example.com/v1' })).toContain('key_ref');
    expect(await put({ kind: 'openai', key_ref: 'sk-something' })).toContain('env:NAME');
    const headers = { Authorization: 'Bearer something' };
    expect(await put({ kind: 'openai', settings: { headers } })).toContain('looks like a key');
    expect(await refusal('POST', '/discover', { connection_id: 'safe' })).toContain('not_found');
    await send('PUT', '/connections/safe', { kind: 'openai', enabled: false });
    const off = await refusal('POST', '/discover', { connection_id: 'safe' });
    expect(off).toContain('switched off');
  });

  it('gives a key of the editor while it has it, and never shows it', async () => {
    const provider = await providerLists({
      'GET /v1/models': { body: { data: [{ id: 'kept' }] } },
    });
    const client = clientOf(server);
    const connection = { connection_id: 'keyed', kind: 'openai-compatible' } as const;
    const base_url = `${provider.url}/v1`;
    const made = await client.request('putModelConnection', {
      ...connection,
      ...{ base_url, key_ref: 'secret:keyed' },
    });
    expect(made.has_key).toBe(false);
    const ask = async () => {
      const { connections } = await client.request('discoverModels', { connection_id: 'keyed' });
      return connections[0];
    };
    expect((await ask())?.error).toContain('editor');
    expect(provider.asked).toEqual([]);
    const secret = 'a text that nobody else has';
    expect(await server.call('provide_keys', { keys: { keyed: secret } })).toEqual({ missing: [] });
    expect(await ask()).toMatchObject({ found: 1, added: 1, error: null });
    expect(provider.asked[0]?.headers.authorization).toBe(`Bearer ${secret}`);
    const shown = [
      await client.request('exportModels', {}),
      await client.request('listModelConnections', {}),
      await server.call('run_sql', { sql: 'select * from model_connections' }),
      await client.request('listLogs', { limit: 500 }),
    ];
    expect(JSON.stringify(shown)).not.toContain(secret);
    const gone = await server.call('provide_keys', { keys: { keyed: null } });
    expect(gone).toEqual({ missing: ['keyed'] });
    await provider.close();
  });

  it('takes the models in that the editor offers', async () => {
    const models = [
      { name: 'offered', provider: 'copilot', family: 'gpt', context_window: 64_000 },
      { name: 'offered-too', provider: 'copilot', version: '2' },
    ];
    expect(await server.call('offer_models', { models })).toEqual({ added: 2, updated: 0 });
    expect(await server.call('offer_models', { models })).toEqual({ added: 0, updated: 0 });
    const { models: listed } = await clientOf(server).request('listModels', {
      connection_id: 'vscode',
    });
    expect(listed).toMatchObject([
      { model_id: 'copilot/offered', metadata: { family: 'gpt', context_window: 64_000 } },
      { model_id: 'copilot/offered-too@2', source: 'editor' },
    ]);
  });
});

describe('discovery', () => {
  const found = async (kind: 'ollama' | 'lmstudio' | 'anthropic', base_url: string) => {
    const client = clientOf(server);
    const connection_id = `found-${kind}`;
    const key_ref = 'env:TEST_PROVIDER_KEY';
    await client.request('putModelConnection', { connection_id, kind, base_url, key_ref });
    const { connections } = await client.request('discoverModels', { connection_id });
    const { models } = await client.request('listModels', { connection_id });
    return { told: connections[0], models };
  };

  it('reads the list of an Ollama and what it tells of each', async () => {
    const show = ({ body }: { body: unknown }): Answered => {
      const embeds = (body as { model: string }).model.startsWith('nomic');
      return {
        body: {
          capabilities: embeds ? ['embedding'] : ['completion', 'vision'],
          model_info: embeds
            ? { 'nomic-bert.context_length': 2048, 'nomic-bert.embedding_length': 768 }
            : { 'llama.context_length': 131_072, 'llama.embedding_length': 4096 },
        },
      };
    };
    const provider = await providerLists({
      'GET /api/tags': {
        body: {
          models: [
            { name: 'llama-test:latest', digest: 'a', details: { family: 'llama' } },
            { name: 'nomic-test:v1', digest: 'b' },
          ],
        },
      },
      'POST /api/show': show,
    });
    const { told, models } = await found('ollama', `${provider.url}/v1`);
    expect(told).toMatchObject({ found: 2, added: 2, error: null });
    expect(models).toMatchObject([
      {
        model_id: 'ollama/llama-test',
        model_type: 'llm',
        metadata: { context_window: 131_072, family: 'llama', input_modalities: ['text', 'image'] },
      },
      {
        model_id: 'ollama/nomic-test:v1',
        model_type: 'embedding',
        metadata: { context_window: 2048, dimensions: 768 },
      },
    ]);
    await found('ollama', provider.url);
    const shows = provider.asked.filter(({ path }) => path === '/api/show');
    expect(shows).toHaveLength(2);
    await provider.close();
  });

  it('reads the lists of LM Studio and Anthropic', async () => {
    const provider = await providerLists({
      'GET /api/v0/models': {
        body: {
          data: [
            { id: 'vision-test', type: 'vlm', arch: 'qwen', max_context_length: 32_768 },
            { id: 'bge-test', type: 'embeddings', max_context_length: 512 },
          ],
        },
      },
      'GET /models?limit=100': {
        body: {
          data: [{ id: 'claude-x', max_tokens: 64_000 }],
          has_more: true,
          last_id: 'claude-x',
        },
      },
      'GET /models?limit=100&after_id=claude-x': {
        body: { data: [{ id: 'claude-y' }], has_more: false, last_id: 'claude-y' },
      },
    });
    const studio = await found('lmstudio', `${provider.url}/api/v0/`);
    expect(studio.models).toMatchObject([
      { model_id: 'lmstudio/bge-test', model_type: 'embedding' },
      { model_id: 'lmstudio/vision-test', metadata: { context_window: 32_768, family: 'qwen' } },
    ]);
    const { models } = await found('anthropic', provider.url);
    expect(models).toMatchObject([
      { model_id: 'anthropic/claude-x', metadata: { max_output_tokens: 64_000 } },
      { model_id: 'anthropic/claude-y' },
    ]);
    const asked = provider.asked.find(({ path }) => path.startsWith('/models'));
    expect(asked?.headers['x-api-key']).toBe('given by the environment');
    await provider.close();
  });

  it('looks after a connection to this computer by itself, from the start on', async () => {
    const provider = await providerLists({
      'GET /api/tags': { body: { models: [{ name: 'watched' }] } },
      'POST /api/show': { body: {} },
    });
    const first = await startTestServer();
    const connection = { connection_id: 'here', kind: 'ollama', base_url: provider.url } as const;
    await clientOf(first).request('putModelConnection', connection);
    expect(provider.asked).toEqual([]);
    await first.stop();
    const second = await startTestServer({ home: first.home });
    const { model_id } = await until(async () => {
      const { models } = await clientOf(second).request('listModels', { connection_id: 'here' });
      return models[0];
    }, 'the models of the connection');
    expect(model_id).toBe('ollama/watched');
    await second.stop();
    await removeHome(first.home);
    await provider.close();
  });

  it.each<[string, Answered, string]>([
    ['a refused key', { status: 401, body: { error: 'your key abc' } }, 'refuses the key'],
    [
      'a redirect',
      { status: 302, headers: { location: 'http://127.0.0.1:1/' }, body: '' },
      'sends elsewhere',
    ],
    ['no JSON', { body: '<html>' }, 'no list of models'],
    ['another form', { body: { models: 'none' } }, 'no list of models'],
    ['too many requests', { status: 429, body: {} }, 'fewer requests'],
  ])('tells of %s, and repeats nothing of the answer', async (_what, answer, told) => {
    const provider = await providerLists({ 'GET /v1/models': answer });
    const client = clientOf(server);
    const connection_id = 'faulty';
    const base_url = `${provider.url}/v1`;
    await client.request('putModelConnection', { connection_id, kind: 'openai', base_url });
    const { connections } = await client.request('discoverModels', { connection_id });
    expect(connections[0]?.error).toContain(told);
    expect(connections[0]?.error).not.toContain('abc');
    expect((await client.request('getModelConnection', { connection_id })).state.error).toContain(
      told,
    );
    await provider.close();
  });
});
