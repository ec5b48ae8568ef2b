import type { Context, Next } from 'hono';
import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js';
import RateLimiterRes from 'rate-limiter-flexible/lib/RateLimiterRes.js';
import { TurnkeepError } from '../../../contracts/errors.ts';
import type { Variables } from './envelope.ts';

/** A burst may use up what is allowed in this time. */
const SECONDS = 10;

/** Refuses what a token sends beyond `perSecond` requests a second; 0 refuses nothing. */
export function limitRate(perSecond: number) {
  const points = Math.ceil(perSecond * SECONDS);
  const limiter = new RateLimiterMemory({ points, duration: SECONDS });
  return async (c: Context<{ Variables: Variables }>, next: Next) => {
    if (points > 0) {
      await limiter.consume(c.get('principal').tokenId).catch((reason: unknown) => {
        if (!(reason instanceof RateLimiterRes)) throw reason;
        const retryAfter = Math.max(1, Math.ceil(reason.msBeforeNext / 1000));
        throw new TurnkeepError(
          'rate_limited',
          `This token sent more than ${points} requests in ${SECONDS} s. Wait ${retryAfter} s; TURNKEEP_RATE_LIMIT sets how many a second are allowed.`,
          { retryAfter },
        );
      });
    }
    await next();
  };
}
