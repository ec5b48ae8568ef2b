import { expect, it } from 'vitest';
import { costOf } from '../../../src/server/models/calls/money.ts';
import { callOfAnswer } from '../../../src/server/models/calls/turnCalls.ts';

it('multiplies without losing a part', () => {
  const prices = { input: '0.0000025', output: '0.00001' };
  expect(costOf({ input: 3, output: 7 }, prices)).toBe('0.0000775');
  expect(costOf({ input: 1_000_000_007, output: 1 }, prices)).toBe('2500.0000275');
});

it('knows no cost from free', () => {
  expect(costOf({ input: 3, output: 7 }, undefined)).toBeNull();
  expect(costOf({ input: 3, output: 7 }, {})).toBeNull();
  expect(costOf({ input: null, output: null }, { input: '1', output: '1' })).toBeNull();
  expect(costOf({ input: 3, output: 7 }, { input: '0', output: '0' })).toBe('0');
});

const prices = { input: '10', output: '100', cache_read: '1', cache_write: '20' };
const answer = (metadata: Record<string, unknown>, agent: string | null = null) => ({
  ...{ message_id: 'm', created_at: '2026-11-22T10:00:00.000Z', model: 'a', metadata, agent },
});
const usage = {
  'gen_ai.usage.input_tokens': 1000,
  'gen_ai.usage.output_tokens': 2,
  'gen_ai.usage.cache_read.input_tokens': 900,
  'gen_ai.usage.cache_creation.input_tokens': 10,
};

it('counts what was in the cache as each agent does', () => {
  const apart = callOfAnswer(answer(usage, 'claude-code'), 'a', prices);
  expect(apart?.cost).toBe(String(1000 * 10 + 2 * 100 + 900 * 1 + 10 * 20));
  const within = callOfAnswer(answer(usage, 'codex'), 'a', prices);
  expect(within?.cost).toBe(String(90 * 10 + 2 * 100 + 900 * 1 + 10 * 20));
});

it('takes the figures of a captured turn, and none that are no figures', () => {
  const metadata = { ...usage, latency_ms: 1234.4, 'gen_ai.usage.output_tokens': 'many' };
  expect(callOfAnswer(answer(metadata), 'a', undefined)).toEqual({
    ...{ call_id: 'm', model_id: 'a', at: '2026-11-22T10:00:00.000Z' },
    ...{ origin: 'turn', operation: 'chat', duration_ms: 1234, first_token_ms: null },
    ...{ input_tokens: 1000, output_tokens: null, cost: null, error_kind: null },
  });
  expect(callOfAnswer(answer({ status: 'failed' }), 'a', undefined)?.error_kind).toBe(
    'turn_failed',
  );
  expect(callOfAnswer(answer({ status: 'aborted' }), 'a', undefined)?.error_kind).toBeNull();
  expect(callOfAnswer(answer({ status: 'open' }), 'a', undefined)).toBeNull();
});
