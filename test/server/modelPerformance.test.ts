import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EndpointInput } from '../../src/contracts/endpoints.ts';
import { clientOf, inProject } from '../support/api.ts';
import { removeHome, startTestServer, type TestServer, until } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ env: { POSTGRES_DSN: 'mock://test' } });
});
afterAll(async () => {
  await server.stop();
  await removeHome(server.home);
});

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
type Given = EndpointInput<'recordModelCalls'>['calls'][number];
type NewModel = Omit<EndpointInput<'registerModel'>, 'provider'>;

const register = (model: NewModel) =>
  clientOf(server).request('registerModel', { provider: 'acme', ...model });

const calls = (model_id: string, count: number, more: Partial<Given> = {}): Given[] =>
  Array.from({ length: count }, () => ({
    ...{ model_id, at: new Date().toISOString(), origin: 'api', operation: 'chat' },
    ...{ duration_ms: 200, input_tokens: 100, output_tokens: 50 },
    ...more,
  }));

/** Records calls and waits until the card of the model has so many. */
async function record(model_id: string, given: Given[]): Promise<void> {
  const client = clientOf(server);
  const counted = async () => {
    const since = new Date(Date.now() - 400 * DAY).toISOString();
    const { figures } = await client.request('getModelPerformance', { model_id, since });
    return figures.calls;
  };
  const before = await counted();
  const { accepted } = await client.request('recordModelCalls', { calls: given });
  expect(accepted).toBe(given.length);
  await until(async () => (await counted()) === before + given.length, 'the calls');
}

const threshold = (model: string, metric: string, bound: number, more: object = {}) =>
  clientOf(server).request('setModelThreshold', { model, metric, threshold: bound, ...more });
const check = (model_id: string) => clientOf(server).request('checkModelPerformance', { model_id });

describe('metrics that are given', () => {
  it('are merged, and their history is kept', async () => {
    const client = clientOf(server);
    await register({
      ...{ model_id: 'gpt-4-v1', model_name: 'gpt-4', version: 'v1' },
      parameters: { temperature: 0.7, max_tokens: 2000 },
      performance_metrics: { accuracy: 0.95, latency: 300 },
    });
    const model = await client.request('getModel', { model_id: 'gpt-4-v1' });
    expect(model.performance_metrics).toEqual({ accuracy: 0.95, latency: 300 });
    const updated = await client.request('updateModelPerformance', {
      ...{ model_id: 'gpt-4-v1', metrics: { accuracy: 0.96 }, reason: 'measured anew' },
    });
    expect(updated.performance_metrics).toEqual({ accuracy: 0.96, latency: 300 });
    await server.call('update_model_performance', {
      ...{ model: 'gpt-4@v1', metrics: { latency: null, recall: 0.5 } },
    });
    const after = await client.request('getModelPerformance', { model_id: 'gpt-4-v1' });
    expect(after.performance_metrics).toEqual({ accuracy: 0.96, recall: 0.5 });
    const { changes } = await client.request('listModelPerformanceHistory', {
      model_id: 'gpt-4-v1',
    });
    expect(changes).toMatchObject([
      { before: { latency: 300, recall: null }, after: { latency: null, recall: 0.5 } },
      { before: { accuracy: 0.95 }, after: { accuracy: 0.96 }, reason: 'measured anew' },
    ]);
    const { events } = await client.request('listModelHistory', { model_id: 'gpt-4-v1' });
    expect(events.map(({ kind }) => kind)).toEqual(['metrics', 'metrics', 'registered']);
  });

  it('are held to floors and ceilings, each by its own direction', async () => {
    await register({
      ...{ model_name: 'bounds', performance_metrics: { accuracy: 0.8, latency: 900 } },
    });
    expect(await threshold('bounds', 'latency', 500)).toMatchObject({ direction: 'ceiling' });
    expect(await threshold('bounds', 'accuracy', 0.9)).toMatchObject({ direction: 'floor' });
    const before = await check('bounds');
    expect(before.is_performing_well).toBe(false);
    expect(before.violations).toMatchObject([
      { metric: 'accuracy', threshold: 0.9, value: 0.8, since: before.checked_at },
      { metric: 'latency', threshold: 500, value: 900, since: before.checked_at },
    ]);
    // Another bound that is violated as well is no other violation.
    expect(await threshold('bounds', 'latency', 600)).toMatchObject({
      violated_since: before.checked_at,
    });
    expect((await check('bounds')).violations[1]).toMatchObject({
      ...{ threshold: 600, since: before.checked_at },
    });
    const metrics = { latency: 300, accuracy: 0.9 };
    await clientOf(server).request('updateModelPerformance', { model_id: 'bounds', metrics });
    expect(await check('bounds')).toMatchObject({ is_performing_well: true, violations: [] });
    const { events } = await clientOf(server).request('listModelHistory', { model_id: 'bounds' });
    const kinds = events.map(({ kind }) => kind).filter((kind) => /violated|recovered/.test(kind));
    expect(kinds).toEqual(['recovered', 'recovered', 'violated', 'violated']);
    await expect(threshold('bounds', 'zing', 1)).rejects.toThrow('Give the direction');
    expect(await threshold('bounds', 'zing', 1, { direction: 'floor' })).toMatchObject({
      metric: 'zing',
    });
  });
});

describe('thresholds of what is measured', () => {
  it('find a latency of 900 ms against a ceiling of 500, and not one of 300', async () => {
    for (const [model_name, duration_ms] of [
      ['slow-one', 900],
      ['fast-one', 300],
    ] as const) {
      await register({ model_name });
      await record(model_name, calls(model_name, 6, { duration_ms }));
      await threshold(model_name, 'latency_p50_ms', 500);
    }
    expect((await check('slow-one')).violations).toMatchObject([
      { metric: 'latency_p50_ms', direction: 'ceiling', threshold: 500, value: 900, samples: 6 },
    ]);
    expect(await check('fast-one')).toMatchObject({ is_performing_well: true, violations: [] });
    const { violations } = await clientOf(server).request('listModelViolations', {});
    const of = violations.filter(({ metric }) => metric === 'latency_p50_ms');
    expect(of.map(({ model_id }) => model_id)).toEqual(['acme/slow-one']);
    const again = await check('slow-one');
    const { thresholds } = await clientOf(server).request('listModelThresholds', {
      model: 'slow-one',
    });
    const own = thresholds.find(({ metric }) => metric === 'latency_p50_ms');
    expect(again.violations[0]?.since).toBe(own?.violated_since);
  });

  it('wait for enough calls, and look at their own window alone', async () => {
    await register({ model_name: 'few' });
    await record('few', calls('few', 3, { duration_ms: 9000 }));
    const old = new Date(Date.now() - 3 * HOUR).toISOString();
    await record('few', calls('few', 20, { duration_ms: 9000, at: old }));
    await threshold('few', 'latency_p95_ms', 500);
    expect((await check('few')).thresholds).toMatchObject([
      { state: 'too_few_samples', samples: 3, value: 9000 },
    ]);
    await threshold('few', 'latency_p95_ms', 500, { window_seconds: 4 * 3600 });
    expect((await check('few')).violations).toMatchObject([{ samples: 23 }]);
    await threshold('few', 'first_token_p95_ms', 500);
    const { thresholds } = await check('few');
    expect(thresholds.find(({ metric }) => metric === 'first_token_p95_ms')).toMatchObject({
      ...{ state: 'no_value', value: null, samples: 0 },
    });
  });

  it('of every model hold for each, until one has its own', async () => {
    const client = clientOf(server);
    await register({ model_name: 'strict' });
    await register({ model_name: 'lenient' });
    for (const model of ['strict', 'lenient']) {
      await record(model, [
        ...calls(model, 8),
        ...calls(model, 2, { error_kind: 'rate_limited', duration_ms: null }),
      ]);
    }
    const all = await client.request('setModelThreshold', {
      ...{ metric: 'error_rate', threshold: 0.1 },
    });
    expect(all.model_id).toBeNull();
    await threshold('lenient', 'error_rate', 0.5);
    const errors = async (model: string) => (await check(model)).violations.length;
    expect([await errors('strict'), await errors('lenient')]).toEqual([1, 0]);
    const { threshold_id } = all;
    expect(await client.request('deleteModelThreshold', { threshold_id })).toEqual({
      deleted: true,
    });
    expect(await errors('strict')).toBe(0);
    expect(await client.request('deleteModelThreshold', { threshold_id })).toEqual({
      deleted: false,
    });
  });
});

describe('figures', () => {
  it('are given as a card, a series and a line of the overview', async () => {
    const client = clientOf(server);
    const prices = { input: '0.000001', output: '0.000002' };
    await register({ model_name: 'figures', metadata: { prices }, aliases: ['fig'] });
    const at = (ago: number) => new Date(Date.now() - ago).toISOString();
    await record('figures', [
      ...calls('fig', 12, { at: at(30 * HOUR), duration_ms: 100 }),
      ...calls('fig', 12, { at: at(2 * HOUR), duration_ms: 150, first_token_ms: 20 }),
      ...calls('fig', 40, { at: at(40 * DAY), duration_ms: 100 }),
    ]);
    const card = await client.request('getModelPerformance', { model_id: 'fig' });
    expect(card).toMatchObject({
      ...{ model_id: 'acme/figures', trend: 'worse', calls_by_origin: { api: 12 } },
      figures: { calls: 12, cost: '0.0024', latency: { p50: 150 }, first_token: { p50: 20 } },
      before: { calls: 12, latency: { p50: 100 } },
    });
    const year = { model_id: 'fig', since: at(365 * DAY) };
    const series = await client.request('getModelPerformanceSeries', year);
    expect(series.step).toBe('day');
    expect(series.points.reduce((sum, point) => sum + point.calls, 0)).toBe(64);
    expect(series.points[0]).toMatchObject({ calls: 40, latency_p50_ms: 100, cost: '0.008' });
    const { step, points } = await client.request('getModelPerformanceSeries', {
      ...{ model_id: 'fig', since: at(3 * HOUR) },
    });
    expect([step, points.length, points[0]?.calls]).toEqual(['minute', 1, 12]);
    const overview = await client.request('listModelPerformance', { days: 3 });
    const line = overview.models.find(({ model_id }) => model_id === 'acme/figures');
    expect(line).toMatchObject({ calls: 24, errors: 0, input_tokens: 2400, cost: '0.0048' });
    await record('figures', calls('fig', 1, { origin: 'editor', duration_ms: 9000 }));
    for (const [origin, count] of [
      ['api', 12],
      ['editor', 1],
    ] as const) {
      const of = { model_id: 'fig', origin };
      const { figures } = await client.request('getModelPerformance', of);
      const { points } = await client.request('getModelPerformanceSeries', of);
      const inAll = points.reduce((sum, point) => sum + point.calls, 0);
      expect([figures.calls, inAll]).toEqual([count, count]);
    }
    const tool = await server.call('get_model_performance', { model: 'fig', hours: 24 });
    expect(tool.figures).toMatchObject({ calls: 13, latency_p50_ms: 150, cost: '0.0026' });
    const page = await client.request('listModelCalls', { model_id: 'fig', limit: 20 });
    const rest = await client.request('listModelCalls', {
      ...{ model_id: 'fig', limit: 20, cursor: String(page.next_cursor) },
    });
    expect([page.calls.length, rest.calls.length, rest.next_cursor]).toEqual([20, 5, null]);
  });

  it('of captured turns come by themselves', async () => {
    const client = clientOf(server);
    const metadata = {
      ...{ model: 'turning-model', latency_ms: 4321 },
      ...{ 'gen_ai.usage.input_tokens': 1200, 'gen_ai.usage.output_tokens': 80 },
    };
    const turns = [{ query: 'What is asked?', response: 'What is answered.', metadata }];
    await server.call('capture_turns', { turns }, inProject('turning'));
    const card = await until(
      async () => {
        const found = await client.request('getModelPerformance', { model_id: 'turning-model' });
        return found.figures.calls > 0 && found;
      },
      'the captured turn',
      40_000,
    );
    expect(card).toMatchObject({
      calls_by_origin: { turn: 1 },
      figures: { calls: 1, latency: { p50: 4321 }, input_tokens: 1200, output_tokens: 80 },
    });
  }, 60_000);

  it('are among the measures of the server, by the names of OpenTelemetry', async () => {
    await register({ model_name: 'measured' });
    await record('measured', calls('measured', 2, { first_token_ms: 30 }));
    const text = await until(async () => {
      const found = await (await server.request('/metrics')).text();
      return found.includes('gen_ai_request_model="measured"') && found;
    }, 'the measures');
    const labels =
      'gen_ai_operation_name="chat",gen_ai_provider_name="acme",gen_ai_request_model="measured"';
    expect(text).toContain(`gen_ai_client_operation_duration_seconds_count{${labels}} 2`);
    const tokens = `${labels},gen_ai_token_type="output"`;
    expect(text).toContain(`gen_ai_client_token_usage_sum{${tokens}} 100`);
  });

  it('are refused for a model that is not there, for a time to come, and where none can be stored', async () => {
    const client = clientOf(server);
    await expect(
      client.request('recordModelCalls', { calls: calls('nowhere-to-be-found', 1) }),
    ).rejects.toMatchObject({ code: 'not_found' });
    const at = new Date(Date.now() + 2 * HOUR).toISOString();
    await expect(
      client.request('recordModelCalls', { calls: calls('slow-one', 1, { at }) }),
    ).rejects.toMatchObject({ code: 'invalid_request' });
    const since = { model_id: 'slow-one', since: at };
    await expect(client.request('getModelPerformance', since)).rejects.toThrow('begins after');
    await expect(client.request('getModelPerformanceSeries', since)).rejects.toThrow('since');
    // What the database cannot hold would keep all that comes after it from being recorded.
    for (const more of [{ at: '0000-01-01T00:00:00Z' }, { input_tokens: 3_000_000_000 }]) {
      await expect(
        client.request('recordModelCalls', { calls: calls('slow-one', 1, more) }),
      ).rejects.toMatchObject({ code: 'invalid_request' });
    }
    await record('slow-one', calls('slow-one', 1, { input_tokens: 2_147_483_647 }));
  });
});

it('tells a model that its own past is left behind', async () => {
  await register({ model_name: 'drifting' });
  const past = Array.from({ length: 10 }, (_, day) => {
    const at = new Date(Date.now() - (day + 2) * DAY).toISOString();
    return calls('drifting', 20, { at, duration_ms: 200 + day });
  });
  await record('drifting', past.flat());
  await record('drifting', calls('drifting', 29, { duration_ms: 600 }));
  expect((await check('drifting')).drift).toEqual([]);
  await record('drifting', calls('drifting', 11, { error_kind: 'overloaded', duration_ms: null }));
  await record('drifting', calls('drifting', 1, { duration_ms: 600 }));
  expect((await check('drifting')).drift).toMatchObject([
    { metric: 'latency_p50_ms', current: 600, is_worse: true, samples: 30 },
    { metric: 'error_rate', baseline: 0, is_worse: true, samples: 41 },
  ]);
  const { drift, is_performing_well } = await server.call('check_model_performance', {
    model: 'drifting',
  });
  expect([drift.length, is_performing_well]).toEqual([2, true]);
}, 60_000);

describe('rules', () => {
  const advice = (model?: string) =>
    clientOf(server).request('listModelRecommendations', model ? { model } : {});

  it('of your own advise with their evidence, and can be switched off', async () => {
    const client = clientOf(server);
    await register({ model_name: 'ruled', performance_metrics: { accuracy: 0.7 } });
    await record('ruled', calls('ruled', 4, { duration_ms: 800 }));
    const rule = await client.request('setModelRule', {
      ...{ rule_id: 'slow_and_wrong', title: 'Slow and wrong', advice: 'Try another.' },
      condition: {
        all: [
          { metric: 'latency_p50_ms', op: '>', value: 700 },
          { metric: 'accuracy', op: '<', value: 0.75 },
        ],
      },
    });
    expect(rule).toMatchObject({ is_built_in: false, enabled: true });
    expect((await advice('ruled')).recommendations).toEqual([
      {
        ...{ rule_id: 'slow_and_wrong', model_id: 'acme/ruled', title: 'Slow and wrong' },
        ...{ advice: 'Try another.', evidence: { latency_p50_ms: 800, accuracy: 0.7 } },
      },
    ]);
    await client.request('setModelRule', { rule_id: 'slow_and_wrong', enabled: false });
    expect((await advice('ruled')).recommendations).toEqual([]);
    const { rules } = await client.request('listModelRules', {});
    const ids = rules.filter(({ is_built_in }) => is_built_in).map(({ rule_id }) => rule_id);
    expect(ids).toEqual([
      ...['cheaper_equal_model', 'long_prompts', 'many_retries', 'unused_model'],
      ...['deprecated_soon', 'slow_first_token'],
    ]);
    expect(await client.request('deleteModelRule', { rule_id: 'slow_and_wrong' })).toEqual({
      deleted: true,
    });
  });

  it('that fail are named, and the others go on', async () => {
    const client = clientOf(server);
    await register({ model_name: 'late' });
    await record('late', calls('late', 20, { first_token_ms: 5000 }));
    const condition = { metric: 'no_such_thing', op: '>', value: 1 } as const;
    const parts = { title: 'Broken', advice: 'None.', condition };
    await client.request('setModelRule', { rule_id: 'broken', ...parts });
    await server.call('run_sql', {
      sql: `insert into ai_settings values ('rule:unreadable', '{"title": 7}', now())`,
      write: true,
    });
    const { recommendations, failed } = await advice('late');
    expect(recommendations).toMatchObject([
      { rule_id: 'slow_first_token', evidence: { first_token_p50_ms: 5000, samples: 20 } },
    ]);
    expect(failed).toMatchObject([
      { rule_id: 'unreadable', model_id: null, message: expect.stringContaining('cannot be read') },
      { rule_id: 'broken', model_id: null, message: 'No model has a metric "no_such_thing".' },
    ]);
    await client.request('setModelRule', { rule_id: 'slow_first_token', enabled: false });
    expect((await advice('late')).recommendations).toEqual([]);
  });

  it('are refused when a part is missing, or of what is built in', async () => {
    const client = clientOf(server);
    await expect(client.request('setModelRule', { rule_id: 'empty' })).rejects.toMatchObject({
      ...{ code: 'invalid_request', message: expect.stringContaining('title, advice, condition') },
    });
    await expect(
      client.request('setModelRule', { rule_id: 'long_prompts', title: 'Mine' }),
    ).rejects.toThrow('built in');
  });
});
