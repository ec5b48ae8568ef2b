import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js';
import RateLimiterRes from 'rate-limiter-flexible/lib/RateLimiterRes.js';
import type { IntegrationPolicy } from '../../../contracts/integrationPolicy.ts';

/** Counts the calls of each integration against the rate of its policy. */
export class Rates {
  readonly #limiters = new Map<string, { rate: string; limiter: RateLimiterMemory }>();

  /** Counts a call. Gives null, or the seconds after which there is room again. */
  async take(id: string, { rate }: IntegrationPolicy): Promise<number | null> {
    if (!rate) return null;
    const name = JSON.stringify(rate);
    let known = this.#limiters.get(id);
    if (known?.rate !== name) {
      const { requests: points, per_seconds: duration } = rate;
      known = { rate: name, limiter: new RateLimiterMemory({ points, duration }) };
      this.#limiters.set(id, known);
    }
    try {
      await known.limiter.consume(id);
      return null;
    } catch (reason) {
      if (!(reason instanceof RateLimiterRes)) throw reason;
      return Math.max(1, Math.ceil(reason.msBeforeNext / 1000));
    }
  }
}
