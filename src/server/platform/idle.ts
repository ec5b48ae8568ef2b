import { setMaxListeners } from 'node:events';

/** Counts what is under way, so that the server ends when nobody has needed it for a while. */
export class IdleWatch {
  private readonly ends = new AbortController();
  private active = 0;
  private lastUse = Date.now();
  private readonly minutes: number;

  /** @param minutes without use before {@link expired} is true; 0 never. */
  constructor(minutes: number) {
    this.minutes = minutes;
    // Each open stream listens.
    setMaxListeners(0, this.ends.signal);
  }

  /** Marks the begin of a request; call the result once at its end. */
  enter(): () => void {
    this.active += 1;
    this.lastUse = Date.now();
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      this.active -= 1;
      this.lastUse = Date.now();
    };
  }

  /** The server ends: requests on connections that are still open are turned away. */
  close(): void {
    this.ends.abort();
  }

  get closing(): boolean {
    return this.ends.signal.aborted;
  }

  /** Aborted when the server ends. */
  get ending(): AbortSignal {
    return this.ends.signal;
  }

  get busy(): boolean {
    return this.active > 0;
  }

  get expired(): boolean {
    if (this.minutes === 0 || this.busy) return false;
    return Date.now() - this.lastUse >= this.minutes * 60_000;
  }

  /** Resolves when nothing is under way, or after `timeoutMs`. */
  async drained(timeoutMs: number): Promise<boolean> {
    const until = Date.now() + timeoutMs;
    while (this.busy && Date.now() < until) await new Promise((done) => setTimeout(done, 20));
    return !this.busy;
  }
}
