const WINDOW_MS = 60_000;

/** Counts refused credentials, so that a flood of them fills neither the log nor the processor. */
export class Failures {
  private readonly limit: number;
  private since = 0;
  private count = 0;

  /** @param limit how many of a minute are answered one by one. */
  constructor(limit: number) {
    this.limit = limit;
  }

  /**
   * Counts one more.
   * @returns its number in this minute, and the seconds to wait when there were too many.
   */
  add(now: Date): { count: number; retryAfter: number | null } {
    const at = now.getTime();
    if (at - this.since >= WINDOW_MS || at < this.since) {
      this.since = at;
      this.count = 0;
    }
    this.count += 1;
    const retryAfter =
      this.count > this.limit ? Math.ceil((this.since + WINDOW_MS - at) / 1000) : null;
    return { count: this.count, retryAfter };
  }
}
