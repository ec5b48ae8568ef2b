import type { Integration, IntegrationInput } from '../../contracts/integrations.ts';
import type { Database } from '../database/database.ts';
import type { DatabaseLog } from '../database/log.ts';
import {
  type GuardedFetch,
  type GuardedInit,
  type GuardOptions,
  makeGuardedFetch,
} from './guard/guardedFetch.ts';
import {
  integrationById,
  listIntegrations,
  putIntegration,
  type StoredIntegration,
} from './store.ts';

const shared = makeGuardedFetch();

/**
 * `fetch` behind the address guard: it connects to the open internet and to what `allow` names, and
 * follows no redirect. Connections are kept open for a while, for the whole server.
 * @throws TurnkeepError `refused` for an address that is not allowed, `timed_out`,
 *   `invalid_request`; else what undici's `fetch` throws when nobody answers.
 */
export function guardedFetch(
  url: string | URL,
  init: GuardedInit,
  options: GuardOptions,
): ReturnType<GuardedFetch> {
  return shared.fetch(url, init, options);
}

export type IntegrationsParts = {
  database: Database;
  log: DatabaseLog;
  /** Finds the key that a `key_ref` names. */
  keys: { find(key_ref: string): string | undefined };
};

/** The connected systems: the door of this folder. */
export class Integrations {
  readonly database: Database;
  readonly #keys: IntegrationsParts['keys'];

  constructor({ database, keys }: IntegrationsParts) {
    this.database = database;
    this.#keys = keys;
  }

  async list(): Promise<Integration[]> {
    return (await listIntegrations(this.database.read)).map((one) => this.#known(one));
  }

  /** @throws TurnkeepError `not_found` naming those that there are. */
  async get(integration_id: string): Promise<Integration> {
    return this.#known(await integrationById(this.database.read, integration_id));
  }

  /** Connects a system, in place of the one of its id. @throws TurnkeepError `invalid_request`. */
  async put(input: IntegrationInput): Promise<{ integration: Integration; isNew: boolean }> {
    const done = await this.database.write((tx) => putIntegration(tx, input));
    return { integration: await this.get(input.integration_id), isNew: done === 'new' };
  }

  #known(one: StoredIntegration): Integration {
    return { ...one, has_key: one.key_ref === null || this.#keys.find(one.key_ref) !== undefined };
  }
}
