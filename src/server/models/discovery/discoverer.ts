import { TurnkeepError } from '../../../contracts/errors.ts';
import type { Connection, Discovery } from '../../../contracts/modelConnections.ts';
import type { ConnectionKind } from '../../../contracts/models.ts';
import type { Database } from '../../database/database.ts';
import { addressOf } from '../connections/addresses.ts';
import type { Keys } from '../connections/keys.ts';
import { noteState } from '../connections/store.ts';
import { anthropic } from './anthropic.ts';
import { lmStudio } from './lmstudio.ts';
import { ollama } from './ollama.ts';
import { openAiCompatible } from './openai.ts';
import type { ListModels } from './source.ts';
import { takeIn } from './takeIn.ts';

/** A list of models is waited for so long, unless the connection says otherwise. */
const TIMEOUT_MS = 15_000;
/** What is found out anew is noted at least this often, also when it is the same. */
const NOTE_AGAIN_MS = 24 * 60 * 60_000;

/** Asks connections for their models and puts these into the registry. */
export class Discoverer {
  readonly #database: Database;
  readonly #keys: Keys;
  readonly #lists: Partial<Record<ConnectionKind, ListModels>> = {
    'openai-compatible': openAiCompatible,
    openai: openAiCompatible,
    ollama: ollama(),
    lmstudio: lmStudio,
    anthropic,
  };

  constructor(database: Database, keys: Keys) {
    this.#database = database;
    this.#keys = keys;
  }

  /** Whether the server can ask such a connection; the editor's models come from the editor. */
  canAsk({ kind }: Pick<Connection, 'kind'>): boolean {
    return this.#lists[kind] !== undefined;
  }

  /** Asks one connection. What is wrong with it is in the answer, and in its state. */
  async discover(connection: Connection, signal?: AbortSignal): Promise<Discovery> {
    const { connection_id } = connection;
    let found = 0;
    let changes = { added: 0, updated: 0 };
    let error: string | null = null;
    try {
      const models = await this.#list(connection, signal);
      found = models.length;
      changes = await this.#store(connection, models);
    } catch (thrown) {
      if (isOurs(thrown)) throw thrown;
      error = (thrown as Error).message;
    }
    await this.#note(connection, found, error);
    return { connection_id, found, ...changes, error };
  }

  #list(connection: Connection, signal: AbortSignal | undefined) {
    const { connection_id, kind, key_ref, settings } = connection;
    const list = this.#lists[kind];
    const address = addressOf(connection);
    if (!list || address === null) {
      throw new TurnkeepError(
        'invalid_request',
        `"${connection_id}" is asked in the editor alone.`,
      );
    }
    const timeout = AbortSignal.timeout(settings.timeout_ms ?? TIMEOUT_MS);
    return list({
      address,
      headers: settings.headers ?? {},
      key: key_ref === null ? undefined : this.#keys.need(connection_id, key_ref),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  }

  #store(
    { connection_id, kind }: Connection,
    models: Awaited<ReturnType<ListModels>>,
  ): Promise<{ added: number; updated: number }> {
    // An address that speaks OpenAI's protocol is known by the name that the person gave it.
    const provider = kind === 'openai-compatible' ? connection_id : kind;
    const named = models.map((model) => ({ ...model, provider }));
    return this.#database.write((tx) => takeIn(tx, connection_id, named, 'discovered'));
  }

  async #note({ connection_id, state }: Connection, model_count: number, error: string | null) {
    const now = Date.now();
    const isSame = state.model_count === model_count && (state.error ?? null) === error;
    const isFresh = now - Date.parse(state.discovered_at ?? '') < NOTE_AGAIN_MS;
    if (isSame && isFresh) return;
    const discovered_at = new Date(now).toISOString();
    await noteState(this.#database, connection_id, {
      error,
      ...(error === null ? { discovered_at, model_count } : {}),
    });
  }
}

/** Faults that are not the provider's: of the database, or a key that is not there is one's own. */
function isOurs(thrown: unknown): boolean {
  return thrown instanceof TurnkeepError && thrown.code !== 'refused';
}
