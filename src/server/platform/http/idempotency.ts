import { createHash } from 'node:crypto';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { IDEMPOTENCY_HOURS } from '../../../contracts/limits.ts';
import type { Answer, EndpointCall } from './endpoint.ts';

const KEY = /^[\x21-\x7e]{1,200}$/;
const MOST_ANSWERS = 10_000;
const HOUR_MS = 3_600_000;

type Known = { request: string; answer: Promise<Answer>; at: number };

/**
 * Answers of writes by their `Idempotency-Key`, for each token its own. In memory alone: an answer
 * may hold what is not to be on disk, and after a restart a write is done again, which for every
 * endpoint of ours comes to the same. What failed is forgotten, so that it can be tried again.
 */
export class IdempotentAnswers {
  readonly #known = new Map<string, Known>();

  /**
   * Does `work` once for the call's key; a second call, also at the same moment, gets its answer.
   * @throws TurnkeepError `invalid_request` for a key that is none, `idempotency_mismatch` when the
   * key came with another request before.
   */
  async once(call: EndpointCall, work: () => Promise<Answer>): Promise<Answer> {
    const { idempotencyKey: key, principal } = call;
    if (key === undefined) return work();
    if (!KEY.test(key)) {
      throw new TurnkeepError(
        'invalid_request',
        'The Idempotency-Key is not valid: up to 200 visible characters are expected.',
      );
    }
    const now = Date.now();
    const name = digest(`${principal.tokenId}\n${key}`);
    const request = digest(call.fingerprint());
    const before = this.#known.get(name);
    if (before && now - before.at < IDEMPOTENCY_HOURS * HOUR_MS) {
      if (before.request !== request) {
        throw new TurnkeepError(
          'idempotency_mismatch',
          'This Idempotency-Key came with another request before. Use a new key for each write.',
        );
      }
      const answer = await before.answer;
      return { ...answer, headers: { ...answer.headers, 'Idempotency-Replayed': 'true' } };
    }
    const answer = work();
    this.#known.delete(name);
    this.#known.set(name, { request, answer, at: now });
    answer.catch(() => this.#known.delete(name));
    this.#forgetOldest();
    return answer;
  }

  #forgetOldest(): void {
    if (this.#known.size <= MOST_ANSWERS) return;
    for (const name of this.#known.keys()) {
      this.#known.delete(name);
      return;
    }
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
