import { TurnkeepError } from '../../../contracts/errors.ts';

/** The time that some work has: its signal is aborted when it is over, or with the one given. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #until: number;
  readonly #passOn = () => this.#controller.abort(this.#outer.reason);

  /** @param what tells whose time it is, for the error `timed_out` */
  constructor(outer: AbortSignal, ms: number | undefined, what: string) {
    this.#outer = outer;
    this.#until = ms === undefined ? Number.POSITIVE_INFINITY : performance.now() + ms;
    if (outer.aborted) this.#passOn();
    else outer.addEventListener('abort', this.#passOn, { once: true });
    if (ms === undefined) return;
    this.#timer = setTimeout(() => {
      const text = `${what} did not end within ${ms} ms and was given up. Give it more time (timeout_ms), or ask for less.`;
      this.#controller.abort(new TurnkeepError('timed_out', text));
    }, ms);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get remainingMs(): number {
    return this.#until - performance.now();
  }

  /** The work is done. */
  end(): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener('abort', this.#passOn);
  }
}
