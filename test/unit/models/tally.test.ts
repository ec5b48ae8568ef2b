import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ModelCall } from '../../../src/contracts/models.ts';
import { Tally } from '../../../src/server/models/calls/tally.ts';

const count = fc.option(fc.integer({ min: 0, max: 1_000_000 }));
const calls = fc.array(
  fc.record<ModelCall>({
    ...{ call_id: fc.uuid(), model_id: fc.constant('m'), at: fc.constant('') },
    ...{ origin: fc.constantFrom('api', 'turn'), operation: fc.constant('chat') },
    ...{ duration_ms: count, first_token_ms: count, input_tokens: count, output_tokens: count },
    cost: fc.option(fc.integer({ min: 0, max: 1e9 }).map((millionths) => `${millionths / 1e6}`)),
    error_kind: fc.option(fc.constantFrom('timed_out', 'cancelled', 'http_500')),
  }),
);

function of(given: ModelCall[]): Tally {
  const tally = new Tally();
  for (const call of given) tally.add(call);
  return tally;
}

it('is the same in parts, stored and read again', () => {
  fc.assert(
    fc.property(calls, calls, (a, b) => {
      const parts = of(a);
      parts.addStored(JSON.parse(JSON.stringify(of(b).stored())));
      expect(parts.figures()).toEqual(of([...a, ...b]).figures());
    }),
  );
});

it('is as before when what was added is taken out', () => {
  fc.assert(
    fc.property(calls, calls, (kept, gone) => {
      const tally = of([...kept, ...gone]);
      for (const call of gone) tally.remove(call);
      const { latency: _l, first_token: _f, input_tokens_p95: _i, ...figures } = tally.figures();
      expect(of(kept).figures()).toMatchObject(figures);
    }),
  );
});

it('counts a call that its caller has left as no error, and not among the times', () => {
  const call: ModelCall = {
    ...{ call_id: 'c', model_id: 'm', at: '', origin: 'api', operation: 'chat' },
    ...{ duration_ms: 10, first_token_ms: 1, input_tokens: 5, output_tokens: 2, cost: null },
    error_kind: 'cancelled',
  };
  expect(of([call]).figures()).toMatchObject({
    ...{ calls: 1, errors: 0, error_rate: 0, errors_by_kind: { cancelled: 1 }, latency: null },
    ...{ input_tokens: 5, cost: null },
  });
});
