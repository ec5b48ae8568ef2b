import type { LogRecord } from '../../../contracts/observationEndpoints.ts';
import type { ServerEvent } from '../http/endpoint.ts';
import { doesMatch, type LogFilter, mayMatch, recordOf } from './record.ts';

/** Lines that a client which comes back can still have. */
const KEPT = 1000;
/** Lines that wait for a client that reads slowly; older ones it does not get. */
const WAITING = 1000;

type Line = { id: number; text: string };
type Listener = (line: Line) => void;

/** The log as it is written, for those that watch it. */
export class LogFeed {
  readonly #kept: Line[] = [];
  readonly #listeners = new Set<Listener>();
  /** Of the time: who comes back with an id of an earlier server gets all that this one has. */
  #last = Date.now();

  /** Takes one or more lines as they are written. */
  push(written: string): void {
    for (const text of written.split('\n')) {
      if (text === '') continue;
      this.#last += 1;
      const line = { id: this.#last, text };
      this.#kept.push(line);
      if (this.#kept.length > KEPT) this.#kept.shift();
      for (const listener of this.#listeners) listener(line);
    }
  }

  /** What matches from now on, or since the event `after`, until the signal is aborted. */
  async *watch(
    filter: LogFilter,
    after: number | null,
    signal: AbortSignal,
  ): AsyncGenerator<ServerEvent<LogRecord>> {
    const waiting = after === null ? [] : this.#kept.filter(({ id }) => id > after);
    let wake = () => {};
    const listener = (line: Line) => {
      waiting.push(line);
      if (waiting.length > WAITING) waiting.shift();
      wake();
    };
    const end = () => wake();
    this.#listeners.add(listener);
    signal.addEventListener('abort', end, { once: true });
    try {
      while (!signal.aborted) {
        const line = waiting.shift();
        if (!line) {
          await new Promise<void>((done) => {
            wake = done;
            if (signal.aborted) done();
          });
          continue;
        }
        const record = mayMatch(line.text, filter) ? recordOf(line.text) : null;
        if (record && doesMatch(record, filter)) {
          yield { id: String(line.id), event: 'log', data: record };
        }
      }
    } finally {
      this.#listeners.delete(listener);
      signal.removeEventListener('abort', end);
    }
  }

  /** How many watch. */
  get watchers(): number {
    return this.#listeners.size;
  }
}
