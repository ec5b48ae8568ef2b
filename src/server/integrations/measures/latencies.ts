import type { Latency } from '../../../contracts/integrationCalls.ts';

/*
 * How often answers took how long, in buckets that grow by a tenth: a few dozen numbers that can be
 * added to one another, and tell any quantile to within 5 %.
 */

const GROWTH = Math.log(1.1);
/** Half a bucket: its middle is so much more than its lower end. */
const MIDDLE = Math.sqrt(1.1);

/** Sum and longest (ms), then number and count of each bucket by turns. */
export type StoredLatencies = [sum: number, max: number, ...buckets: number[]];

export class Latencies {
  #sum = 0;
  #max = 0;
  readonly #buckets = new Map<number, number>();

  add(ms: number): void {
    this.#sum += ms;
    this.#max = Math.max(this.#max, ms);
    this.#put(ms < 1 ? 0 : 1 + Math.floor(Math.log(ms) / GROWTH), 1);
  }

  merge([sum, max, ...buckets]: StoredLatencies): void {
    this.#sum += sum;
    this.#max = Math.max(this.#max, max);
    for (let at = 0; at + 1 < buckets.length; at += 2) {
      this.#put(buckets[at] ?? 0, buckets[at + 1] ?? 0);
    }
  }

  toJSON(): StoredLatencies {
    return [Math.round(this.#sum), Math.round(this.#max), ...this.#inOrder().flat()];
  }

  /** Milliseconds, or null when nothing was added. */
  summary(): Latency | null {
    const count = [...this.#buckets.values()].reduce((sum, one) => sum + one, 0);
    if (count === 0) return null;
    return {
      mean: rounded(this.#sum / count),
      p50: this.#quantile(0.5, count),
      p95: this.#quantile(0.95, count),
      p99: this.#quantile(0.99, count),
      max: rounded(this.#max),
    };
  }

  #quantile(share: number, count: number): number {
    let passed = 0;
    for (const [bucket, inIt] of this.#inOrder()) {
      passed += inIt;
      const middle = bucket === 0 ? 0.5 : Math.exp((bucket - 1) * GROWTH) * MIDDLE;
      if (passed >= share * count) return rounded(Math.min(middle, this.#max));
    }
    return rounded(this.#max);
  }

  #inOrder(): [number, number][] {
    return [...this.#buckets].sort(([a], [b]) => a - b);
  }

  #put(bucket: number, count: number): void {
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + count);
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
