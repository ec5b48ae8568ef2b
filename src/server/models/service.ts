import { TurnkeepError } from '../../contracts/errors.ts';
import type {
  Connection,
  ConnectionInput,
  ConnectionState,
  Discovery,
} from '../../contracts/modelConnections.ts';
import type { ModelInput, ModelPatch } from '../../contracts/modelEndpoints.ts';
import type { Model, ModelCall } from '../../contracts/models.ts';
import { modelsOfTurns, modelUsesOfTurns } from '../conversations/service.ts';
import type { Database } from '../database/database.ts';
import type { Log } from '../platform/logging.ts';
import { costOf, type PricedTokens } from './calls/money.ts';
import { addressOf, isLoopback } from './connections/addresses.ts';
import { Keys } from './connections/keys.ts';
import { connectionById, listConnections, noteState, putConnection } from './connections/store.ts';
import { Discoverer } from './discovery/discoverer.ts';
import { DiscoveryWatch } from './discovery/watch.ts';
import { modelById, notFound, resolveModel } from './finding.ts';
import { listModels } from './listing.ts';
import type { OnViolation } from './monitor/violations.ts';
import { tellingWrites } from './ownWrites.ts';
import { ModelPerformance, type ObservedCall } from './performance.ts';
import { registerModel, setActive, updateModel } from './registry.ts';
import { SeenNames } from './seen.ts';
import { TurnCounts } from './turnCounts.ts';

export type ModelsParts = {
  database: Database;
  log: Log;
  /** Where the keys named by `env:NAME` are. */
  env: NodeJS.ProcessEnv;
  /** Told of each call that is recorded. */
  observe?: ((call: ObservedCall) => void) | undefined;
  onViolation?: OnViolation | undefined;
};

/** The registry of models with their connections: the door of this folder. */
export class Models {
  readonly database: Database;
  readonly log: Log;
  readonly keys: Keys;
  readonly discoverer: Discoverer;
  readonly turnCounts: TurnCounts;
  readonly performance: ModelPerformance;
  readonly #seen: SeenNames;
  readonly #watch: DiscoveryWatch;
  #version = 0;

  constructor({ database, log, env, observe, onViolation }: ModelsParts) {
    const own = tellingWrites(database, () => {
      this.#version += 1;
    });
    this.database = own;
    this.log = log;
    this.keys = new Keys(env);
    this.discoverer = new Discoverer(own, this.keys);
    this.#seen = new SeenNames(own);
    this.turnCounts = new TurnCounts({
      uses: () => modelUsesOfTurns(database),
      count: () => modelsOfTurns(database),
      now: () => performance.now(),
      log,
    });
    const modelIds = (names: Iterable<string>) => this.seen(names);
    this.performance = new ModelPerformance({
      ...{ database, log, modelIds, observe, onViolation },
    });
    const connections = () => this.connections();
    this.#watch = new DiscoveryWatch({ discoverer: this.discoverer, connections, log });
  }

  /** Another number after each change of the registry or the connections in this server. */
  get version(): number {
    return this.#version;
  }

  /** Looks after what comes by itself from now on. */
  start(): void {
    this.#watch.start();
    this.performance.start();
  }

  /** Ends all of it; resolves when nothing is written any more. */
  async stop(): Promise<void> {
    await this.#watch.stop();
    await this.turnCounts.settled();
    await this.performance.stop();
  }

  /**
   * The entry that is meant by an id, an alias, a name (its newest version in use) or
   * `name@version`. By its id or alias also one that is out of use: look at `is_active`.
   * @param options.inactive a name may mean an entry that is out of use, too
   * @throws TurnkeepError `not_found`, with the nearest names.
   */
  async resolve(name: string, options: { inactive?: boolean } = {}): Promise<Model> {
    const { read } = this.database;
    try {
      return await resolveModel(read, name, options.inactive);
    } catch (error) {
      const isMissing = error instanceof TurnkeepError && error.code === 'not_found';
      // A turn may have named it a moment ago.
      if (!isMissing || !(await this.takeInNames()).has(name)) throw error;
      return resolveModel(read, name, options.inactive);
    }
  }

  /** @throws TurnkeepError `not_found`, with the nearest names. */
  async get(model_id: string): Promise<Model> {
    const { read } = this.database;
    const found = await modelById(read, model_id);
    if (!found) throw await notFound(read, model_id);
    return found;
  }

  /** Entries that match by id, by pages of `limit` (50). */
  async list(filter: Parameters<typeof listModels>[1] = {}) {
    if (filter.cursor === undefined) await this.takeInNames();
    return listModels(this.database.read, filter);
  }

  /** @throws TurnkeepError `conflict`, `invalid_request`. */
  register(input: ModelInput): Promise<{ model: Model; isNew: boolean }> {
    return registerModel({ database: this.database, input }, 'manual');
  }

  /** @throws TurnkeepError `not_found`, `invalid_request`. */
  update(name: string, input: ModelPatch): Promise<Model> {
    return updateModel({ database: this.database, input }, name);
  }

  /** Takes a model into use or out of it. @throws TurnkeepError `not_found`. */
  setActive(name: string, is_active: boolean, reason?: string): Promise<Model> {
    return setActive({ database: this.database, input: { reason } }, name, is_active);
  }

  /** Records a call: it is written within a second or two, and waited for by nobody. */
  record(call: Omit<ModelCall, 'call_id'> & { call_id?: string | undefined }): void {
    this.performance.record(call);
  }

  /** Ids of the entries that names in captured turns stand for; new names get an entry. */
  seen(names: Iterable<string>): Promise<ReadonlyMap<string, string>> {
    return this.#seen.ids(names);
  }

  /** Gives every name in the captured turns its entry. */
  async takeInNames(): Promise<ReadonlyMap<string, string>> {
    return this.seen((await modelUsesOfTurns(this.database)).keys());
  }

  /** A backup was loaded: what was known of the data does not hold. */
  restored(): void {
    this.#version += 1;
    this.#seen.forget();
    this.turnCounts.forget();
  }

  /** @throws TurnkeepError `not_found` naming those that there are. */
  async connection(connection_id: string): Promise<Connection> {
    const { key_ref, ...rest } = await connectionById(this.database.read, connection_id);
    return { ...rest, key_ref, has_key: this.#hasKey(key_ref) };
  }

  async connections(): Promise<Connection[]> {
    const stored = await listConnections(this.database.read);
    return stored.map((one) => ({ ...one, has_key: this.#hasKey(one.key_ref) }));
  }

  /** Sets a connection up, in place of the one of its id. @throws TurnkeepError `invalid_request`. */
  async connect(input: ConnectionInput): Promise<{ connection: Connection; isNew: boolean }> {
    const done = await this.database.write((tx) => putConnection(tx, input));
    return { connection: await this.connection(input.connection_id), isNew: done === 'new' };
  }

  /**
   * Asks a connection for its models, or all enabled ones that can be asked.
   * @throws TurnkeepError `not_found`, or `invalid_request` when there is none to ask.
   */
  async discover(connection_id?: string, signal?: AbortSignal): Promise<Discovery[]> {
    const asked =
      connection_id === undefined
        ? (await this.connections()).filter((one) => one.enabled && this.discoverer.canAsk(one))
        : [await this.#askable(connection_id)];
    if (asked.length === 0) {
      throw new TurnkeepError(
        'invalid_request',
        'No connection is there to be asked. Set one up, for example: turnkeep models connect ollama --kind ollama',
      );
    }
    return Promise.all(asked.map((one) => this.discoverer.discover(one, signal)));
  }

  /**
   * Where a connection is called, without a slash at its end; of Ollama and LM Studio the root, null
   * for the editor's.
   */
  addressOf(connection: Pick<Connection, 'kind' | 'base_url'>): string | null {
    return addressOf(connection);
  }

  /**
   * The key of a connection; undefined when it names none.
   * @throws TurnkeepError `refused` when it is named and not there, with what to do.
   */
  keyOf({ connection_id, key_ref }: Pick<Connection, 'connection_id' | 'key_ref'>) {
    return key_ref === null ? undefined : this.keys.need(connection_id, key_ref);
  }

  /** Whether an address is of this computer. */
  isLocal(address: string): boolean {
    return isLoopback(address);
  }

  /** What tokens cost by the prices of a model, in US dollars; null when none is known. */
  costOf(tokens: PricedTokens, { metadata }: Pick<Model, 'metadata'>): string | null {
    return costOf(tokens, metadata.prices);
  }

  /** Notes what was found out about a connection (health, discovery) beside what is known. */
  noteState(connection_id: string, found: ConnectionState): Promise<void> {
    return noteState(this.database, connection_id, found);
  }

  async #askable(connection_id: string): Promise<Connection> {
    const connection = await this.connection(connection_id);
    if (connection.enabled && this.discoverer.canAsk(connection)) return connection;
    throw new TurnkeepError(
      'invalid_request',
      connection.enabled
        ? `The editor itself tells of the models of "${connection_id}": they cannot be asked for here.`
        : `The connection "${connection_id}" is switched off, and is not called. Enable it first.`,
    );
  }

  #hasKey(key_ref: string | null): boolean {
    return key_ref === null || this.keys.find(key_ref) !== undefined;
  }
}
