import { AsyncLocalStorage } from 'node:async_hooks';
import {
  Kysely,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type PostgresQueryResult,
} from 'kysely';
import { Client, type Pool, type PoolClient } from 'pg';
import type { DatabaseSchema } from './schema.ts';

const insideWrite = new AsyncLocalStorage<boolean>();

/** Runs the work of a write; asking for another session in it is then an error, not a deadlock. */
export function runInsideWrite<R>(work: () => Promise<R>): Promise<R> {
  return insideWrite.run(true, work);
}

/**
 * Keeps a broken connection from ending the process: what is under way on it fails by itself, the
 * pool replaces it, and `tell` gets the reason for the log.
 */
export function surviveBrokenClients(pool: Pool, tell: (error: Error) => void): void {
  pool.on('error', tell);
  // The pool's own listener is off while a client is in use.
  pool.on('connect', (client) => client.on('error', () => undefined));
}

/** Settings that make values read the same on every server. */
export async function prepareSession(client: PoolClient): Promise<void> {
  await client.query(
    "set timezone = 'UTC'; set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; " +
      "set bytea_output = 'hex'; set standard_conforming_strings = on",
  );
}

/** Turns what the driver throws into what this layer promises to throw. */
export type ErrorTranslator = (error: unknown) => unknown;

/** Kysely over a pool, with the driver's errors translated. `destroy` ends the pool. */
export function openKysely(pool: Pool, translate: ErrorTranslator): Kysely<DatabaseSchema> {
  return new Kysely<DatabaseSchema>({
    dialect: new PostgresDialect({
      pool: new TranslatingPool(pool, translate),
      // A statement is cancelled through a connection of its own.
      controlClient: Client,
    }),
  });
}

class TranslatingPool implements PostgresPool {
  readonly #pool: Pool;
  readonly #translate: ErrorTranslator;
  // Kysely knows a connection again by its client's identity.
  readonly #wrapped = new WeakMap<PoolClient, TranslatingClient>();

  constructor(pool: Pool, translate: ErrorTranslator) {
    this.#pool = pool;
    this.#translate = translate;
  }

  get options(): object {
    return this.#pool.options;
  }

  async connect(): Promise<PostgresPoolClient> {
    if (insideWrite.getStore()) {
      throw new Error('Inside of a write use its transaction: another session would wait for it.');
    }
    try {
      const client = await this.#pool.connect();
      const known = this.#wrapped.get(client);
      if (known) return known;
      const wrapped = new TranslatingClient(client, this.#translate);
      this.#wrapped.set(client, wrapped);
      return wrapped;
    } catch (error) {
      throw this.#translate(error);
    }
  }

  end(): Promise<void> {
    return this.#pool.end();
  }
}

class TranslatingClient implements PostgresPoolClient {
  readonly #client: PoolClient;
  readonly #translate: ErrorTranslator;

  constructor(client: PoolClient, translate: ErrorTranslator) {
    this.#client = client;
    this.#translate = translate;
  }

  query<R>(sql: string, parameters: ReadonlyArray<unknown>): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: never): R;
  query(sql: unknown, parameters?: ReadonlyArray<unknown>): unknown {
    return this.#run(String(sql), parameters ?? []);
  }

  release(destroy?: boolean): void {
    this.#client.release(destroy);
  }

  async #run(sql: string, parameters: ReadonlyArray<unknown>): Promise<unknown> {
    try {
      return await this.#client.query(sql, [...parameters]);
    } catch (error) {
      throw this.#translate(error);
    }
  }
}
