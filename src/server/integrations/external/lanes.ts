import {
  type BulkheadPolicy,
  bulkhead,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
} from 'cockatiel';
import type { IntegrationStatus } from '../../../contracts/integrationCalls.ts';
import type { IntegrationSettings } from '../../../contracts/integrations.ts';
import { fullSettings } from '../settings.ts';
import { AttemptFault } from './faults.ts';

/** A pause grows up to so many times the first one. */
const LONGEST_PAUSE = 60;

/** How many calls an integration gets at a time, and whether it is left alone for a while. */
export class Lane {
  readonly bulkhead: BulkheadPolicy;
  readonly breaker: CircuitBreakerPolicy;
  readonly #concurrency: number;

  constructor(settings: IntegrationSettings) {
    const { concurrency, queue, breaker_failures, breaker_pause_ms } = fullSettings(settings);
    this.#concurrency = concurrency;
    this.bulkhead = bulkhead(concurrency, queue);
    this.breaker = circuitBreaker(
      handleWhen((error) => error instanceof AttemptFault && error.isOutage),
      {
        breaker: new ConsecutiveBreaker(breaker_failures),
        halfOpenAfter: new ExponentialBackoff({
          initialDelay: breaker_pause_ms,
          maxDelay: breaker_pause_ms * LONGEST_PAUSE,
        }),
      },
    );
  }

  get circuit(): IntegrationStatus['circuit'] {
    const { state } = this.breaker;
    if (state === CircuitState.Open || state === CircuitState.Isolated) return 'open';
    return state === CircuitState.HalfOpen ? 'half-open' : 'closed';
  }

  get inFlight(): number {
    return this.#concurrency - this.bulkhead.executionSlots;
  }
}

/** A lane for each integration; other settings make another one. */
export class Lanes {
  readonly #lanes = new Map<string, { settings: string; lane: Lane }>();

  of(id: string, settings: IntegrationSettings): Lane {
    const { concurrency, queue, breaker_failures, breaker_pause_ms } = settings;
    const key = JSON.stringify([concurrency, queue, breaker_failures, breaker_pause_ms]);
    const known = this.#lanes.get(id);
    if (known?.settings === key) return known.lane;
    const lane = new Lane(settings);
    this.#lanes.set(id, { settings: key, lane });
    return lane;
  }

  /** What is known of an integration's failures is let go: it is called again at once. */
  reset(id: string): void {
    this.#lanes.delete(id);
  }
}
