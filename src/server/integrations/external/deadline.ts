import { TurnkeepError } from '../../../contracts/errors.ts';

/** The time that a call has with all its attempts: its signal is aborted when it is over. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #until: number;
  readonly #passOn = () => this.#controller.abort(reasonOf(this.#outer));

  constructor(ms: number, who: string, outer: AbortSignal | undefined) {
    this.#outer = outer;
    this.#until = performance.now() + ms;
    this.#timer = setTimeout(() => {
      const text = `"${who}" did not answer within ${ms} ms and was given up.`;
      this.#controller.abort(new TurnkeepError('timed_out', text));
    }, ms);
    if (outer?.aborted) this.#passOn();
    else outer?.addEventListener('abort', this.#passOn, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get remainingMs(): number {
    return this.#until - performance.now();
  }

  /** What `work` gives, or the reason of the end, whichever comes first. */
  async within<T>(work: Promise<T>): Promise<T> {
    const { signal } = this;
    let leave = () => {};
    const over = new Promise<never>((_, failed) => {
      leave = () => failed(signal.reason);
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true });
    });
    try {
      return await Promise.race([work, over]);
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  /** The work is done. */
  end(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#passOn);
  }
}

function reasonOf(outer: AbortSignal | undefined): unknown {
  const reason: unknown = outer?.reason;
  return reason instanceof TurnkeepError
    ? reason
    : new TurnkeepError('cancelled', 'The call was cancelled.');
}
