import {
  BrokenCircuitError,
  BulkheadRejectedError,
  DelegateBackoff,
  handleWhen,
  type IRetryBackoffContext,
  retry,
} from 'cockatiel';
import { TurnkeepError } from '../../../contracts/errors.ts';
import type { HttpMethod } from '../../../contracts/integrationPolicy.ts';
import type { Attempt } from '../measures/hours.ts';
import type { Answer } from './answer.ts';
import type { Deadline } from './deadline.ts';
import { AttemptFault } from './faults.ts';
import type { Lane } from './lanes.ts';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;

export type Run = {
  who: string;
  lane: Lane;
  deadline: Deadline;
  /** Attempts after the first one. */
  retries: number;
  attempt: () => Promise<Answer>;
  /** Told of each attempt. */
  onAttempt: (attempt: Attempt) => void;
};
export type Done = { answer: Answer; attempts: number };

const SAFE: ReadonlySet<HttpMethod> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether the same may be sent twice: it changes nothing, or the system knows it again. */
export function isRepeatable(method: HttpMethod, idempotency_key: string | undefined): boolean {
  return SAFE.has(method) || idempotency_key !== undefined;
}

/** As the system says; else longer each time, and never in step with other callers. */
function waitFor(fault: AttemptFault, attempt: number): number {
  if (fault.retryAfterMs !== undefined) return fault.retryAfterMs;
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
  return longest * (0.5 + Math.random() / 2);
}

/** Tells of an attempt how it went, and how long it took when there was an answer. */
async function told(work: () => Promise<Answer>, onAttempt: Run['onAttempt']): Promise<Answer> {
  const began = performance.now();
  const tookMs = () => performance.now() - began;
  try {
    const answer = await work();
    onAttempt({ ms: tookMs(), error: null });
    return answer;
  } catch (thrown) {
    // A call that was cancelled says nothing about the system.
    if (!(thrown instanceof AttemptFault)) {
      const isLate = thrown instanceof TurnkeepError && thrown.code === 'timed_out';
      if (isLate) onAttempt({ ms: null, error: { kind: 'timed_out', message: thrown.message } });
      throw thrown;
    }
    const { kind, message, answer } = thrown;
    onAttempt({ ms: answer ? tookMs() : null, error: { kind, message } });
    throw thrown;
  }
}

/**
 * Does a call: waits for its turn, leaves a system alone that fails again and again, tries again
 * what may pass while there is time. What the system has answered is given back, whatever it is.
 * @throws TurnkeepError `external_unavailable`, `external_failed`, `timed_out`, `cancelled`, …
 */
export async function run({ who, lane, deadline, retries, ...parts }: Run): Promise<Done> {
  const { signal } = deadline;
  let attempts = 0;
  let last: AttemptFault | undefined;
  const once = async () => {
    signal.throwIfAborted();
    try {
      return await lane.breaker.execute(() => {
        attempts += 1;
        return told(parts.attempt, parts.onAttempt);
      }, signal);
    } catch (thrown) {
      if (thrown instanceof AttemptFault) last = thrown;
      // The circuit opened between two attempts: what opened it is what is told.
      throw thrown instanceof BrokenCircuitError && last ? settled(last) : thrown;
    }
  };
  const again = retry(
    handleWhen((thrown) => {
      if (!(thrown instanceof AttemptFault) || !thrown.mayPass) return false;
      return (thrown.retryAfterMs ?? 0) < deadline.remainingMs;
    }),
    {
      maxAttempts: retries,
      backoff: new DelegateBackoff(({ attempt, result }: IRetryBackoffContext<unknown>) =>
        'error' in result && result.error instanceof AttemptFault
          ? waitFor(result.error, attempt)
          : 0,
      ),
    },
  );
  try {
    // What waits for its turn is let go at once, and a turn ends when its time is over.
    const turn = () => deadline.within(again.execute(once, signal));
    const answer = await deadline.within(lane.bulkhead.execute(turn, signal));
    return { answer, attempts };
  } catch (thrown) {
    if (thrown instanceof AttemptFault && thrown.answer) return { answer: thrown.answer, attempts };
    throw toldFor(thrown, who, signal);
  }
}

/** A fault that is final. */
function settled({ kind, error, answer }: AttemptFault): AttemptFault {
  return new AttemptFault(kind, error, { answer });
}

function toldFor(thrown: unknown, who: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (thrown instanceof AttemptFault) return thrown.error;
  if (thrown instanceof BrokenCircuitError) {
    return new TurnkeepError(
      'external_unavailable',
      `"${who}" has failed again and again and is not called for a while. \`turnkeep integrations check ${who}\` looks how it is.`,
      { retryAfter: 10 },
    );
  }
  if (thrown instanceof BulkheadRejectedError) {
    return new TurnkeepError(
      'external_unavailable',
      `Too many calls of "${who}" wait already. Try again later, or raise \`queue\` of its settings.`,
      { retryAfter: 1 },
    );
  }
  return thrown;
}
