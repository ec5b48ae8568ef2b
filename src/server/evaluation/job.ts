import { protect } from '../redaction/service.ts';
import { MetricReader } from './metrics.ts';

const TAIL_BYTES = 16 * 1024;
const LAST_LINE = 500;
const TOLD_EVERY_MS = 200;

/** Why a job is ended before its time: asked for, out of time, or the server ends. */
export type StopReason = 'cancelled' | 'timed_out' | 'interrupted';

/** An evaluation while it runs: what it has printed so far, and the way to end it. */
export class Job {
  readonly id: string;
  readonly began = Date.now();
  readonly reader = new MetricReader();
  /** Hears lines as they come, some of them left out when they come fast. */
  onProgress: ((line: string) => void) | undefined;
  /** Settles when the end of it is stored. */
  done: Promise<void> = Promise.resolve();
  lines = 0;
  stopped: StopReason | undefined;
  readonly #control = new AbortController();
  #tail = '';
  #last: string | null = null;
  #toldAt = 0;

  constructor(id: string) {
    this.id = id;
  }

  get signal(): AbortSignal {
    return this.#control.signal;
  }

  /** Ends it; the first reason stands. */
  stop(reason: StopReason): void {
    this.stopped ??= reason;
    this.#control.abort();
  }

  /** Takes a line of its output. */
  readonly line = (text: string): void => {
    this.lines += 1;
    this.reader.read(text);
    this.#last = text;
    this.#tail += `${text}\n`;
    // Cut seldom: each cut copies what stays.
    if (this.#tail.length > 8 * TAIL_BYTES) this.#tail = this.#tail.slice(-2 * TAIL_BYTES);
    const now = Date.now();
    if (!this.onProgress || now - this.#toldAt < TOLD_EVERY_MS) return;
    this.#toldAt = now;
    this.onProgress(this.lastLine ?? '');
  };

  /** Without secrets, and short. */
  get lastLine(): string | null {
    return this.#last === null ? null : clean(this.#last.slice(0, LAST_LINE));
  }

  /** The end of the output, without secrets. */
  get output(): string {
    return clean(this.#tail.slice(-2 * TAIL_BYTES))
      .slice(-TAIL_BYTES)
      .toWellFormed();
  }
}

/** PostgreSQL holds no NUL. */
function clean(text: string): string {
  return protect(text.replaceAll('\0', '').toWellFormed()).text;
}
