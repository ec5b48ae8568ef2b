import type { CallMeasures } from '../../../contracts/integrationCalls.ts';
import { Latencies, type StoredLatencies } from './latencies.ts';

export const HOUR_MS = 3_600_000;

/** One attempt that was made. */
export type Attempt = {
  /** Null when nobody answered. */
  ms: number | null;
  /** Null when it worked. */
  error: { kind: string; message: string } | null;
};

/** As a row of `integration_measures` has it. */
export type StoredSums = { latency?: StoredLatencies; kinds?: Record<string, number> };

/** What the attempts of a time come to. */
export class Sums {
  requests = 0;
  errors = 0;
  readonly #latencies = new Latencies();
  readonly #kinds = new Map<string, number>();

  add({ ms, error }: Attempt): void {
    this.requests += 1;
    if (ms !== null) this.#latencies.add(ms);
    if (!error) return;
    this.errors += 1;
    this.#count(error.kind, 1);
  }

  merge(row: { requests: number; errors: number; sums: StoredSums }): void {
    this.requests += row.requests;
    this.errors += row.errors;
    if (row.sums.latency) this.#latencies.merge(row.sums.latency);
    for (const [kind, count] of Object.entries(row.sums.kinds ?? {})) this.#count(kind, count);
  }

  stored(): StoredSums {
    return { latency: this.#latencies.toJSON(), kinds: Object.fromEntries(this.#kinds) };
  }

  measures(): CallMeasures {
    const { requests, errors } = this;
    return {
      ...{ requests, errors },
      error_rate: requests === 0 ? 0 : Math.round((errors / requests) * 10_000) / 10_000,
      error_kinds: Object.fromEntries(this.#kinds),
      latency_ms: this.#latencies.summary(),
    };
  }

  #count(kind: string, count: number): void {
    this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + count);
  }
}

/** The begin of the hour in UTC that a moment (ms) is in. */
export function hourOf(moment: number): string {
  return new Date(Math.floor(moment / HOUR_MS) * HOUR_MS).toISOString();
}
