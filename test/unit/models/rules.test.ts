import { expect, it } from 'vitest';
import type { Condition } from '../../../src/contracts/modelPerformance.ts';
import type { Model, ModelCall } from '../../../src/contracts/models.ts';
import { Tally } from '../../../src/server/models/calls/tally.ts';
import { builtInRules } from '../../../src/server/models/monitor/builtInRules.ts';
import { holds } from '../../../src/server/models/monitor/conditions.ts';
import { directionOf } from '../../../src/server/models/monitor/metrics.ts';
import { adviceOf } from '../../../src/server/models/monitor/recommendations.ts';
import { Subjects } from '../../../src/server/models/monitor/subject.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');

function model(model_id: string, more: Partial<Model> = {}): Model {
  return {
    ...{ model_id, model_name: model_id, model_type: 'llm', provider: 'acme', version: '1' },
    ...{ parameters: {}, performance_metrics: {}, metadata: {}, tags: [], aliases: [] },
    ...{ source: 'discovered', connection_id: null, replaces: null, replaced_by: [] },
    ...{ is_active: true, created_at: '2026-01-01T00:00:00.000Z', updated_at: '' },
    ...more,
  };
}

const call: ModelCall = {
  ...{ call_id: 'c', model_id: 'm', at: '', origin: 'api', operation: 'chat', duration_ms: 100 },
  ...{ first_token_ms: 10, input_tokens: 1000, output_tokens: 100, cost: null, error_kind: null },
};

/** Models with calls, the same in every window. */
function subjects(models: [Model, Partial<ModelCall>[], lastDay?: string][]): Subjects {
  const figures = new Map(
    models.map(([{ model_id }, calls]) => {
      const tally = new Tally();
      for (const one of calls) tally.add({ ...call, ...one });
      return [model_id, tally.figures()];
    }),
  );
  const always = { get: () => figures } as unknown as Map<number, typeof figures>;
  const last = models.flatMap(([{ model_id }, , day]) => (day ? [[model_id, day] as const] : []));
  return new Subjects(
    NOW,
    models.map(([one]) => one),
    always,
    new Map(last),
  );
}

const times = (count: number, more: Partial<ModelCall> = {}) =>
  Array.from({ length: count }, () => more);

function found(rule: string, models: Parameters<typeof subjects>[0]) {
  const asked = subjects(models);
  return asked.models.flatMap((one) => {
    const finding = builtInRules[rule]?.find(one, asked);
    return finding ? [{ model_id: one.model_id, ...finding.evidence }] : [];
  });
}

it('finds a cheaper model that is as good, and none of which that is not known', () => {
  const dear = { prices: { input: '0.00001', output: '0.00003' } };
  const cheap = { prices: { input: '0.000001', output: '0.000002' } };
  const good = { performance_metrics: { accuracy: 0.9, latency: 400 } };
  const used = model('used', { metadata: dear, ...good });
  const equal = model('equal', { metadata: cheap, performance_metrics: { accuracy: 0.9 } });
  const worse = model('worse', { metadata: cheap, performance_metrics: { accuracy: 0.8 } });
  const unknown = model('unknown', { metadata: cheap });
  const other = model('other', { metadata: cheap, model_type: 'embedding', ...good });
  const calls = times(20);
  expect(
    found('cheaper_equal_model', [
      [used, calls],
      [equal, []],
      [worse, []],
      [unknown, []],
      [other, []],
    ]),
  ).toEqual([
    {
      ...{ model_id: 'used', model: 'equal', calls: 20, days: 30, as_good_in: 'accuracy' },
      ...{ cost_usd: 0.26, cost_there_usd: 0.024 },
    },
  ]);
  expect(
    found('cheaper_equal_model', [
      [used, calls],
      [worse, []],
      [unknown, []],
    ]),
  ).toEqual([]);
  const failing = times(20, { error_kind: 'x' });
  expect(
    found('cheaper_equal_model', [
      [used, calls],
      [equal, failing],
    ]),
  ).toEqual([]);
  expect(
    found('cheaper_equal_model', [
      [used, times(19)],
      [equal, []],
    ]),
  ).toEqual([]);
});

it('finds prompts that take half of the window, of calls and not of turns', () => {
  const small = model('small', { metadata: { context_window: 2000 } });
  expect(found('long_prompts', [[small, times(20)]])).toMatchObject([{ input_tokens_p95: 1000 }]);
  const large = model('large', { metadata: { context_window: 200_000 } });
  expect(found('long_prompts', [[large, times(20)]])).toEqual([]);
  expect(found('long_prompts', [[small, times(20, { origin: 'turn' })]])).toEqual([]);
  const any = model('any');
  expect(found('long_prompts', [[any, times(20, { input_tokens: 40_000 })]])).toHaveLength(1);
});

it('finds calls that are made again, and not those that fail for good', () => {
  const one = model('one');
  const failed = (kind: string) => [...times(18), ...times(2, { error_kind: kind })];
  expect(found('many_retries', [[one, failed('rate_limited')]])).toMatchObject([
    { failed: 2, calls: 20, most_often: 'rate_limited' },
  ]);
  expect(found('many_retries', [[one, failed('invalid_request')]])).toEqual([]);
});

it('finds models that are not used, and not those that nobody chose', () => {
  const chosen = model('chosen', { source: 'manual' });
  const offered = model('offered', { source: 'discovered' });
  expect(
    found('unused_model', [
      [chosen, []],
      [offered, []],
      [model('left'), [], '2026-08-01'],
    ]),
  ).toMatchObject([
    { model_id: 'chosen', last_call: null, days_unused: 325 },
    { model_id: 'left', last_call: '2026-08-01' },
  ]);
  expect(found('unused_model', [[chosen, [], '2026-11-01']])).toEqual([]);
});

it('finds models whose end is near, with what replaces them', () => {
  const metadata = { deprecated_on: '2026-12-22' };
  const ending = model('ending', { metadata, replaced_by: ['next'] });
  expect(found('deprecated_soon', [[ending, times(1)]])).toMatchObject([
    { days_left: 30, replaced_by: 'next' },
  ]);
  expect(found('deprecated_soon', [[ending, []]])).toEqual([]);
  const later = model('later', { metadata: { deprecated_on: '2027-06-01' } });
  expect(found('deprecated_soon', [[later, times(1)]])).toEqual([]);
});

it('finds answers that begin late', () => {
  const slow = times(20, { first_token_ms: 4000 });
  expect(found('slow_first_token', [[model('slow'), slow]])).toMatchObject([{ samples: 20 }]);
  expect(found('slow_first_token', [[model('quick'), times(20)]])).toEqual([]);
});

it('goes on when a rule fails, and tells of it', () => {
  const rules = [
    {
      rule_id: 'breaks',
      title: '',
      check: () => {},
      find: () => {
        throw new Error('of no use');
      },
    },
    {
      rule_id: 'no',
      title: '',
      check: () => {
        throw new Error('never');
      },
      find: () => null,
    },
    {
      rule_id: 'works',
      title: 'Works',
      check: () => {},
      find: () => ({ advice: 'a', evidence: {} }),
    },
  ];
  expect(adviceOf(rules, subjects([[model('one'), []]]))).toEqual({
    recommendations: [
      { rule_id: 'works', model_id: 'one', title: 'Works', advice: 'a', evidence: {} },
    ],
    failed: [
      { rule_id: 'breaks', model_id: 'one', message: 'of no use' },
      { rule_id: 'no', model_id: null, message: 'never' },
    ],
  });
});

it('decides conditions as far as the values are known', () => {
  const one = model('one', { performance_metrics: { accuracy: 0.9 } });
  const asked = subjects([[one, times(3, { duration_ms: 500 })]]);
  const is = (condition: Condition) => holds(condition, one, asked);
  const slow: Condition = { metric: 'latency_p50_ms', op: '>=', value: 500 };
  const good: Condition = { metric: 'accuracy', op: '>', value: 0.8 };
  const late: Condition = { metric: 'days_unused', op: '>', value: 1 };
  expect([is(slow), is(good), is(late)]).toEqual([true, true, null]);
  expect([is({ all: [slow, good] }), is({ all: [slow, late] })]).toEqual([true, null]);
  expect([is({ any: [late, good] }), is({ all: [late, { not: good }] })]).toEqual([true, false]);
  expect([is({ not: late }), is({ not: slow })]).toEqual([null, false]);
});

it('knows which end of a metric is the better one', () => {
  const floors = ['accuracy', 'f1', 'tokens_per_second', 'pass_rate', 'uptime', 'ndcg_at_10'];
  const ceilings = ['latency', 'latency_p95_ms', 'error_rate', 'cost', 'hallucination_rate', 'wer'];
  expect(floors.map(directionOf)).toEqual(floors.map(() => 'floor'));
  expect(ceilings.map(directionOf)).toEqual(ceilings.map(() => 'ceiling'));
  expect(directionOf('zing')).toBeNull();
});
