import Big from 'big.js';
import type { ModelMetadata } from '../../../contracts/models.ts';

/** Digits after the point that are kept, as `moneySchema` takes them. */
const PLACES = 18;

/** Tokens of a call by what they cost; what is not known is absent. `input` is without the cache. */
export type PricedTokens = {
  input?: number | null | undefined;
  output?: number | null | undefined;
  cache_read?: number | null | undefined;
  cache_write?: number | null | undefined;
};

/**
 * What tokens cost by the prices of a model, in US dollars as decimal text. Null when no price is
 * known for any of them: no cost is not the same as a cost of 0.
 */
export function costOf(tokens: PricedTokens, prices: ModelMetadata['prices']): string | null {
  let sum: Big | null = null;
  for (const kind of ['input', 'output', 'cache_read', 'cache_write'] as const) {
    const price = prices?.[kind];
    const count = tokens[kind];
    if (price === undefined || count === undefined || count === null) continue;
    sum = (sum ?? new Big(0)).plus(new Big(price).times(count));
  }
  return sum === null ? null : asMoney(sum);
}

/** A sum as decimal text without an exponent. */
export function asMoney(amount: Big): string {
  return amount.round(PLACES).toFixed();
}
