/*
 * How often values of which size came, in buckets that grow by a tenth: a few dozen numbers, that
 * can be added to one another, tell any quantile to within 5 %.
 */

const GROWTH = Math.log(1.1);
/** Half a bucket: its middle is so much more than its lower end. */
const MIDDLE = Math.sqrt(1.1);

/** As it is stored: count, sum, least, most, then number and count of each bucket by turns. */
export type StoredHistogram = [number, number, number, number, ...number[]];

/** Values from 0 on; what is between 0 and 1 is in one bucket. */
export class Histogram {
  count = 0;
  sum = 0;
  min = 0;
  max = 0;
  readonly #buckets = new Map<number, number>();

  /** @param stored absent for an empty one */
  static from(stored: StoredHistogram | undefined): Histogram {
    const histogram = new Histogram();
    histogram.addStored(stored);
    return histogram;
  }

  add(value: number): void {
    this.#note(1, value, value, value);
    this.#put(bucketOf(value), 1);
  }

  /** Adds one as it is stored; absent is an empty one. */
  addStored(stored: StoredHistogram | undefined): void {
    if (!stored) return;
    this.#note(stored[0], stored[1], stored[2], stored[3]);
    for (let at = 4; at + 1 < stored.length; at += 2) {
      this.#put(stored[at] ?? 0, stored[at + 1] ?? 0);
    }
  }

  /** Takes a value out that was added. The next least or most is known by its bucket alone. */
  remove(value: number): void {
    const bucket = bucketOf(value);
    const left = (this.#buckets.get(bucket) ?? 0) - 1;
    if (left < 0) return;
    if (left === 0) this.#buckets.delete(bucket);
    else this.#buckets.set(bucket, left);
    this.count -= 1;
    this.sum -= value;
    const [first, last] = [this.#inOrder().at(0), this.#inOrder().at(-1)];
    if (!first || !last) return;
    if (bucketOf(this.min) < first[0]) this.min = Math.round(middleOf(first[0]));
    if (bucketOf(this.max) > last[0]) this.max = Math.round(middleOf(last[0]));
  }

  get mean(): number {
    return this.count === 0 ? 0 : this.sum / this.count;
  }

  /** The value that `share` (0 to 1) of the values do not exceed; 0 when there are none. */
  quantile(share: number): number {
    const wanted = Math.max(1, Math.ceil(share * this.count));
    if (wanted >= this.count) return this.max;
    if (wanted === 1) return this.min;
    let passed = 0;
    for (const [bucket, count] of this.#inOrder()) {
      passed += count;
      if (passed >= wanted) return Math.min(this.max, Math.max(this.min, middleOf(bucket)));
    }
    return this.max;
  }

  /** Shares of the values up to the end of each bucket that one of two histograms has. */
  static distance(a: Histogram, b: Histogram): number {
    const buckets = new Set([...a.#buckets.keys(), ...b.#buckets.keys()]);
    let [inA, inB, widest] = [0, 0, 0];
    for (const bucket of [...buckets].sort((x, y) => x - y)) {
      inA += (a.#buckets.get(bucket) ?? 0) / a.count;
      inB += (b.#buckets.get(bucket) ?? 0) / b.count;
      widest = Math.max(widest, Math.abs(inA - inB));
    }
    return widest;
  }

  /** Undefined when it is empty: JSON then leaves it out. */
  toJSON(): StoredHistogram | undefined {
    if (this.count === 0) return undefined;
    return [this.count, this.sum, this.min, this.max, ...this.#inOrder().flat()];
  }

  #inOrder(): [number, number][] {
    return [...this.#buckets].sort(([a], [b]) => a - b);
  }

  #note(count: number, sum: number, min: number, max: number): void {
    if (count === 0) return;
    // Of an empty one nothing is left of what was least and most.
    this.min = this.count === 0 ? min : Math.min(this.min, min);
    this.max = this.count === 0 ? max : Math.max(this.max, max);
    this.count += count;
    this.sum += sum;
  }

  #put(bucket: number, count: number): void {
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + count);
  }
}

function bucketOf(value: number): number {
  return value < 1 ? 0 : 1 + Math.floor(Math.log(value) / GROWTH);
}

function middleOf(bucket: number): number {
  return bucket === 0 ? 0 : Math.exp((bucket - 1) * GROWTH) * MIDDLE;
}
