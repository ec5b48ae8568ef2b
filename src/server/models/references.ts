import { TurnkeepError } from '../../contracts/errors.ts';
import type { Read } from './rows.ts';

/** @throws TurnkeepError `invalid_request` when there is no such connection. */
export async function checkConnection(read: Read, id: string | null | undefined): Promise<void> {
  if (id === null || id === undefined) return;
  const found = await read
    .selectFrom('model_connections')
    .select('connection_id')
    .where('connection_id', '=', id)
    .executeTakeFirst();
  if (found) return;
  throw invalid(
    'connection_id',
    `There is no connection "${id}": set it up first with \`turnkeep models connect\`.`,
  );
}

/**
 * @throws TurnkeepError `invalid_request` when the model to replace is not there, or is replaced,
 *   over others or not, by this one.
 */
export async function checkReplaces(
  read: Read,
  model_id: string,
  replaces: string | null | undefined,
): Promise<void> {
  const seen = new Set([model_id]);
  for (let next = replaces ?? null; next !== null; ) {
    if (seen.has(next)) {
      throw invalid('replaces', 'A model cannot replace itself, also not by way of others.');
    }
    seen.add(next);
    const row = await read
      .selectFrom('models')
      .select('replaces')
      .where('model_id', '=', next)
      .executeTakeFirst();
    if (!row && next === replaces) {
      throw invalid('replaces', `There is no model with the id "${next}" to be replaced.`);
    }
    next = row?.replaces ?? null;
  }
}

function invalid(path: string, message: string): TurnkeepError {
  return new TurnkeepError('invalid_request', message, { fields: [{ path, message }] });
}
