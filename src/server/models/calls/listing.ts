import { z } from 'zod';
import type { ModelCall } from '../../../contracts/models.ts';
import { decodeCursor, encodeCursor } from '../../platform/cursor.ts';
import type { Read } from '../rows.ts';

const place = z.object({ at: z.iso.datetime(), call_id: z.string().max(100) });

type Filter = {
  only_errors?: boolean | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
};

/** The single calls of a model that are kept, last one first, by pages. */
export async function listCalls(
  read: Read,
  model_id: string,
  { only_errors = false, limit = 50, cursor }: Filter,
): Promise<{ calls: ModelCall[]; next_cursor: string | null }> {
  const from = decodeCursor(place, cursor);
  let query = callRows(read).where('model_id', '=', model_id);
  if (only_errors) query = query.where('error_kind', 'is not', null);
  if (from) {
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('at', 'call_id'), '<', tuple(from.at, from.call_id)),
    );
  }
  const rows = await query
    .orderBy('at', 'desc')
    .orderBy('call_id', 'desc')
    .limit(limit + 1)
    .execute();
  const calls = rows.slice(0, limit).map(callOf);
  const last = rows.length > limit ? calls.at(-1) : undefined;
  return {
    calls,
    next_cursor: last ? encodeCursor({ at: last.at, call_id: last.call_id }) : null,
  };
}

/** Single calls as they are stored. */
export function callRows(read: Read) {
  return read
    .selectFrom('model_calls')
    .select(['call_id', 'model_id', 'at', 'origin', 'operation', 'duration_ms'])
    .select(['first_token_ms', 'input_tokens', 'output_tokens', 'cost', 'error_kind']);
}

/** A row of {@link callRows} as the contract has it. */
export function callOf(row: Omit<ModelCall, 'origin'> & { origin: string }): ModelCall {
  return { ...row, origin: row.origin as ModelCall['origin'] };
}
