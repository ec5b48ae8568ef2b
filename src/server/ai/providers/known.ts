import type { Connection } from '../../../contracts/modelConnections.ts';
import type { Model } from '../../../contracts/models.ts';
import type { Models } from '../../models/service.ts';

/** Another server on the same database may have changed them. */
const KNOWN_FOR_MS = 2_000;

/**
 * Models and connections as they were a moment ago: what is asked again and again is not read for
 * each call. What this server changes holds at once.
 */
export class KnownModels {
  readonly #models: Models;
  readonly #known = new Map<string, unknown>();
  #version = -1;
  #since = 0;

  constructor(models: Models) {
    this.#models = models;
  }

  /** @throws TurnkeepError `not_found`, with the nearest names. */
  resolve(name: string): Promise<Model> {
    return this.#get(`model ${name}`, () => this.#models.resolve(name));
  }

  /** @throws TurnkeepError `not_found`. */
  connection(connection_id: string): Promise<Connection> {
    return this.#get(`connection ${connection_id}`, () => this.#models.connection(connection_id));
  }

  async #get<T>(name: string, read: () => Promise<T>): Promise<T> {
    const { version } = this.#models;
    const now = performance.now();
    if (version !== this.#version || now - this.#since > KNOWN_FOR_MS) {
      this.#known.clear();
      this.#version = version;
      this.#since = now;
    }
    const before = this.#known.get(name);
    if (before !== undefined) return before as T;
    const found = await read();
    // What was changed while it was read may not be in it.
    if (this.#models.version === version && this.#version === version) {
      this.#known.set(name, found);
    }
    return found;
  }
}
