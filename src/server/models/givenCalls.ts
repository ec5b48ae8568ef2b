import type { z } from 'zod';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { givenCallSchema } from '../../contracts/modelPerformance.ts';
import type { Models } from './service.ts';

type GivenCall = z.output<typeof givenCallSchema>;

/** A clock may be a little ahead. */
const AHEAD_MS = 3_600_000;
const EARLIEST = Date.UTC(2000, 0, 1);

/**
 * Records calls that somebody else has made.
 * @throws TurnkeepError `not_found` for a model that is not known, `invalid_request` for a call that
 *   is to come or far in the past; then none is recorded.
 */
export async function takeGiven(models: Models, calls: GivenCall[]): Promise<{ accepted: number }> {
  const latest = Date.now() + AHEAD_MS;
  for (const [index, { at }] of calls.entries()) {
    const made = Date.parse(at);
    if (made > latest) throw untimely(index, 'was not made yet', 'In the future.');
    // One that the database cannot hold would keep all others from being recorded.
    if (made < EARLIEST) throw untimely(index, 'is from before the year 2000', 'Too long ago.');
  }
  const ids = new Map<string, string>();
  for (const name of new Set(calls.map(({ model_id }) => model_id))) {
    ids.set(name, (await models.resolve(name, { inactive: true })).model_id);
  }
  await models.performance.room();
  for (const call of calls) {
    models.record({
      call_id: call.call_id,
      model_id: ids.get(call.model_id) ?? call.model_id,
      at: new Date(call.at).toISOString(),
      ...{ origin: call.origin, operation: call.operation },
      duration_ms: call.duration_ms ?? null,
      first_token_ms: call.first_token_ms ?? null,
      input_tokens: call.input_tokens ?? null,
      output_tokens: call.output_tokens ?? null,
      ...{ cost: call.cost ?? null, error_kind: call.error_kind ?? null },
    });
  }
  return { accepted: calls.length };
}

function untimely(index: number, what: string, message: string): TurnkeepError {
  return new TurnkeepError('invalid_request', `Call ${index} ${what}: give its time.`, {
    fields: [{ path: `calls.${index}.at`, message }],
  });
}
