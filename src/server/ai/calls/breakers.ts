import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
} from 'cockatiel';
import type { ConnectionHealth } from '../../../contracts/ai.ts';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { CallFault } from './faults.ts';

/** So many failures of a connection in a row, and it is not called for a while. */
const FAILURES = 5;
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 10 * 60_000;

/** A circuit for each connection: a provider that fails again and again is left alone for a while. */
export class Breakers {
  readonly #circuits = new Map<string, CircuitBreakerPolicy>();

  /**
   * Does `work`, unless the connection is in its pause.
   * @throws TurnkeepError `model_unavailable` in the pause; else what `work` throws.
   */
  async through<T>(connection_id: string, work: () => Promise<T>): Promise<T> {
    try {
      return await this.#of(connection_id).execute(work);
    } catch (thrown) {
      if (!(thrown instanceof BrokenCircuitError)) throw thrown;
      throw new TurnkeepError(
        'model_unavailable',
        `The connection "${connection_id}" has failed ${FAILURES} times in a row and is not called for a while. "turnkeep models test" looks how it is.`,
        { retryAfter: FIRST_PAUSE_MS / 1000 },
      );
    }
  }

  /** How the circuit of a connection stands. */
  stateOf(connection_id: string): ConnectionHealth['circuit'] {
    const state = this.#circuits.get(connection_id)?.state;
    if (state === CircuitState.Open || state === CircuitState.Isolated) return 'open';
    return state === CircuitState.HalfOpen ? 'half-open' : 'closed';
  }

  /** It answers again: calls go through from now on. */
  reset(connection_id: string): void {
    this.#circuits.delete(connection_id);
  }

  #of(connection_id: string): CircuitBreakerPolicy {
    const known = this.#circuits.get(connection_id);
    if (known) return known;
    const made = circuitBreaker(
      handleWhen((error) => error instanceof CallFault && error.fault.isOutage),
      {
        breaker: new ConsecutiveBreaker(FAILURES),
        halfOpenAfter: new ExponentialBackoff({
          initialDelay: FIRST_PAUSE_MS,
          maxDelay: LONGEST_PAUSE_MS,
        }),
      },
    );
    this.#circuits.set(connection_id, made);
    return made;
  }
}
