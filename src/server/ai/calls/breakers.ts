import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  type IBackoff,
  type IBackoffFactory,
} from 'cockatiel';
import type { ConnectionHealth } from '../../../contracts/ai.ts';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { CallFault } from './faults.ts';

/** So many failures of a connection in a row, and it is not called for a while. */
const FAILURES = 5;
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 10 * 60_000;

/** A circuit, and when its pause is over (ms). */
type Circuit = { policy: CircuitBreakerPolicy; until: number };

/** The same pauses, each told to `note` when it begins: the library keeps to itself how long one is. */
function told(
  pauses: IBackoffFactory<unknown>,
  note: (ms: number) => void,
): IBackoffFactory<unknown> {
  return {
    next(context): IBackoff<unknown> {
      const pause = pauses.next(context);
      note(pause.duration);
      return { ...told(pause, note), duration: pause.duration };
    },
  };
}

/** A circuit for each connection: a provider that fails again and again is left alone for a while. */
export class Breakers {
  readonly #circuits = new Map<string, Circuit>();

  /**
   * Does `work`, unless the connection is in its pause.
   * @throws TurnkeepError `model_unavailable` in the pause; else what `work` throws.
   */
  async through<T>(connection_id: string, work: () => Promise<T>): Promise<T> {
    const circuit = this.#of(connection_id);
    try {
      return await circuit.policy.execute(work);
    } catch (thrown) {
      if (!(thrown instanceof BrokenCircuitError)) throw thrown;
      const retryAfter = Math.max(1, Math.ceil((circuit.until - Date.now()) / 1000));
      throw new TurnkeepError(
        'model_unavailable',
        `The connection "${connection_id}" has failed ${FAILURES} times in a row and is not called for ${retryAfter} s. "turnkeep models test" looks how it is.`,
        { retryAfter },
      );
    }
  }

  /** How the circuit of a connection stands. */
  stateOf(connection_id: string): ConnectionHealth['circuit'] {
    const state = this.#circuits.get(connection_id)?.policy.state;
    if (state === CircuitState.Open || state === CircuitState.Isolated) return 'open';
    return state === CircuitState.HalfOpen ? 'half-open' : 'closed';
  }

  /** It answers again: calls go through from now on. */
  reset(connection_id: string): void {
    this.#circuits.delete(connection_id);
  }

  #of(connection_id: string): Circuit {
    const known = this.#circuits.get(connection_id);
    if (known) return known;
    const pauses = new ExponentialBackoff({
      ...{ initialDelay: FIRST_PAUSE_MS, maxDelay: LONGEST_PAUSE_MS },
    });
    const made: Circuit = {
      until: 0,
      policy: circuitBreaker(
        handleWhen((error) => error instanceof CallFault && error.fault.isOutage),
        {
          breaker: new ConsecutiveBreaker(FAILURES),
          halfOpenAfter: told(pauses, (ms) => {
            made.until = Date.now() + ms;
          }),
        },
      ),
    };
    this.#circuits.set(connection_id, made);
    return made;
  }
}
