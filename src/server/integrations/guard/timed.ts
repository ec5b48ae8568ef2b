import { setMaxListeners } from 'node:events';
import type { ReadableStream as WebStream } from 'node:stream/web';

/** The time that a request and the reading of its answer have together. */
export class TimeLimit {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #leave = () => this.#controller.abort(this.#outer?.reason);

  constructor(ms: number, outer: AbortSignal | undefined, late: () => unknown) {
    this.#outer = outer;
    // Many requests may end with one signal.
    if (outer) setMaxListeners(0, outer);
    outer?.addEventListener('abort', this.#leave, { once: true });
    this.#timer = setTimeout(() => {
      this.end();
      this.#controller.abort(late());
    }, ms);
    this.#timer.unref();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** It is over, one way or the other: nothing is held any longer. */
  end(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#leave);
  }

  /** A body that ends the limit with itself, and fails with the reason of the end. */
  over(body: WebStream<Uint8Array>): ReadableStream<Uint8Array> {
    const reader = body.getReader();
    return new ReadableStream<Uint8Array>({
      pull: async (into) => {
        const part = await reader.read().catch((error: unknown) => {
          this.end();
          throw this.signal.aborted ? this.signal.reason : error;
        });
        if (!part.done) return into.enqueue(part.value);
        this.end();
        into.close();
      },
      cancel: (reason) => {
        this.end();
        return reader.cancel(reason);
      },
    });
  }
}
