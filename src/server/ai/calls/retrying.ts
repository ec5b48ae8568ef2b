import { setTimeout as delay } from 'node:timers/promises';
import { TurnkeepError } from '../../../contracts/errors.ts';
import type { Deadline } from './deadline.ts';
import { CallFault, type Fault } from './faults.ts';

const FIRST_WAIT_MS = 250;
/** Whoever says to come back later than this is not waited for: another model may be asked. */
const LONGEST_WAIT_MS = 30_000;

/** As the provider says; else longer each time, and never in step with other callers. */
function waitFor({ retryAfterMs }: Fault, attempt: number): number {
  if (retryAfterMs !== undefined) return retryAfterMs;
  return FIRST_WAIT_MS * 2 ** attempt * (0.5 + Math.random());
}

/**
 * Does `work` again, up to `retries` times, while its faults may pass and there is time.
 * @throws CallFault, the last one; what else `work` throws at once.
 */
export async function retrying<T>(
  work: () => Promise<T>,
  retries: number,
  deadline: Deadline,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (thrown) {
      if (!(thrown instanceof CallFault)) throw thrown;
      const wait = waitFor(thrown.fault, attempt);
      const isOver =
        deadline.signal.aborted || wait > Math.min(deadline.remainingMs, LONGEST_WAIT_MS);
      if (!thrown.fault.mayPass || attempt >= retries || isOver) throw thrown;
      await delay(wait, undefined, { signal: deadline.signal }).catch(() => {
        const { reason } = deadline.signal;
        throw reason instanceof TurnkeepError ? reason : thrown;
      });
    }
  }
}
