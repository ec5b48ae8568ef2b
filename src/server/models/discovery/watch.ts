import type { Connection } from '../../../contracts/modelConnections.ts';
import type { Log } from '../../platform/logging.ts';
import { addressOf, isLoopback } from '../connections/addresses.ts';
import type { Discoverer } from './discoverer.ts';

const FIRST_MS = 5_000;
const EVERY_MS = 60_000;
/** One that does not answer is asked again after 1, 2, 4 … minutes, up to this. */
const MAX_PAUSE_MS = 30 * EVERY_MS;

type Parts = {
  discoverer: Pick<Discoverer, 'canAsk' | 'discover'>;
  connections: () => Promise<Connection[]>;
  log: Log;
};

/** Looks after the models of enabled connections to this computer: they come and go by themselves. */
export class DiscoveryWatch {
  readonly #parts: Parts;
  readonly #ends = new AbortController();
  readonly #waits = new Map<string, { failures: number; until: number }>();
  #timer: NodeJS.Timeout | undefined;
  #beat: Promise<void> = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  start(): void {
    this.#next(FIRST_MS);
  }

  /** Ends after the question under way, which is given up. */
  async stop(): Promise<void> {
    this.#ends.abort();
    clearTimeout(this.#timer);
    await this.#beat;
  }

  #next(ms: number): void {
    if (this.#ends.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#beat = this.beat(Date.now())
        .catch((error: Error) => {
          this.#parts.log.warn({ reason: error.message }, 'models not looked after');
        })
        .finally(() => this.#next(EVERY_MS));
    }, ms);
    this.#timer.unref();
  }

  /** Asks those whose time it is. `now` in milliseconds. */
  async beat(now: number): Promise<void> {
    const { discoverer, connections, log } = this.#parts;
    for (const connection of await connections()) {
      if (this.#ends.signal.aborted) return;
      const { connection_id } = connection;
      if (!connection.enabled || !connection.has_key || !discoverer.canAsk(connection)) continue;
      const address = addressOf(connection);
      if (address === null || !isLoopback(address)) continue;
      const wait = this.#waits.get(connection_id);
      if (wait && wait.until > now) continue;
      const { error, added } = await discoverer.discover(connection, this.#ends.signal);
      if (error === null) this.#waits.delete(connection_id);
      else this.#waits.set(connection_id, waitAfter((wait?.failures ?? 0) + 1, now));
      if (added > 0) log.info({ connection_id, added }, 'models discovered');
    }
  }
}

function waitAfter(failures: number, now: number): { failures: number; until: number } {
  const pause = Math.min(EVERY_MS * 2 ** (failures - 1), MAX_PAUSE_MS);
  return { failures, until: now + pause };
}
