import Big from 'big.js';
import { TurnkeepError } from '../../../contracts/errors.ts';
import type { Models } from '../../models/service.ts';
import type { Callable } from '../providers/target.ts';

/**
 * What a call may cost at most, in US dollars.
 * @throws TurnkeepError `spending_limit` when nobody knows its prices: a limit that does not count it
 *   would not be one. On this computer it costs nothing.
 */
export function mostOf(
  models: Models,
  { model, connection, target }: Callable,
  tokens: { input: number; output: number },
): Big {
  const { prices } = model.metadata;
  const isKnown =
    prices?.input !== undefined && (tokens.output === 0 || prices.output !== undefined);
  if (isKnown) return new Big(models.costOf(tokens, model) ?? 0);
  if (models.isLocal(target.address)) return new Big(0);
  throw new TurnkeepError(
    'spending_limit',
    `A limit a day is set, and nobody knows what ${model.model_id} (connection "${connection.connection_id}") costs. Give it its prices with "turnkeep models change" (0 if it is free), or take the limit away.`,
  );
}
