import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js';
import RateLimiterRes from 'rate-limiter-flexible/lib/RateLimiterRes.js';
import { TurnkeepError } from '../../../contracts/errors.ts';

/** A burst may use up what is allowed in this time. */
const SECONDS = 10;

/**
 * Makes what counts a request of a token, by its id, and refuses it beyond `perSecond` requests a
 * second; 0 refuses nothing. It throws `rate_limited` with when to come back.
 */
export function limitRate(perSecond: number): (tokenId: string) => Promise<void> {
  const points = Math.ceil(perSecond * SECONDS);
  const limiter = new RateLimiterMemory({ points, duration: SECONDS });
  const refuse = (reason: unknown): never => {
    if (!(reason instanceof RateLimiterRes)) throw reason;
    const retryAfter = Math.max(1, Math.ceil(reason.msBeforeNext / 1000));
    throw new TurnkeepError(
      'rate_limited',
      `This token sent more than ${points} requests in ${SECONDS} s. Wait ${retryAfter} s; TURNKEEP_RATE_LIMIT sets how many a second are allowed.`,
      { retryAfter },
    );
  };
  return async (tokenId: string) => {
    if (points > 0) await limiter.consume(tokenId).catch(refuse);
  };
}
