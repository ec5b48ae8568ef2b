/** Seconds between two samples, and how long they are kept: six hours. */
export const INTERVAL_SECONDS = 10;
const KEPT = (6 * 3600) / INTERVAL_SECONDS;

export type Point = { at: number; value: number };

/** The last values of one measure, with the time of each in ms. */
export class Series {
  readonly #at = new Float64Array(KEPT);
  readonly #values = new Float64Array(KEPT);
  #count = 0;

  add(at: number, value: number): void {
    const place = this.#count % KEPT;
    this.#at[place] = at;
    this.#values[place] = value;
    this.#count += 1;
  }

  get last(): number | null {
    return this.#count === 0 ? null : (this.#values[(this.#count - 1) % KEPT] ?? null);
  }

  /** Points from `since` to before `until` (ms), oldest first; with a step their means. */
  points(since: number, until: number, stepMs: number | null): Point[] {
    const points: Point[] = [];
    const first = Math.max(0, this.#count - KEPT);
    let bucket = { at: Number.NaN, sum: 0, count: 0 };
    const end = () => {
      if (bucket.count > 0) points.push({ at: bucket.at, value: bucket.sum / bucket.count });
    };
    for (let n = first; n < this.#count; n += 1) {
      const at = this.#at[n % KEPT] ?? 0;
      const value = this.#values[n % KEPT] ?? 0;
      if (at < since || at >= until) continue;
      if (stepMs === null) {
        points.push({ at, value });
        continue;
      }
      const start = Math.floor(at / stepMs) * stepMs;
      if (bucket.at !== start) {
        end();
        bucket = { at: start, sum: 0, count: 0 };
      }
      bucket.sum += value;
      bucket.count += 1;
    }
    end();
    return points;
  }
}
