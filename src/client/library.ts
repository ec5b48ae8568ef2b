import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clientPermissions } from '../contracts/authTools.ts';
import type { CallContext } from '../contracts/context.ts';
import type { BatchTurn, CaptureResult, Statistics } from '../contracts/conversations.ts';
import { type Home, homeLayout } from '../contracts/home.ts';
import type { ExternalAnswer, ExternalCall } from '../contracts/integrationCalls.ts';
import type { MemoryAnswer } from '../contracts/memory.ts';
import type { ToolInput, ToolOutput } from '../contracts/tools.ts';
import { VERSION } from '../contracts/version.ts';
import { resolveProject } from '../project/identity.ts';
import { type CaptureTool, captureOrSpool } from './capture.ts';
import { connectOrStart } from './connection.ts';
import { ALL_SYSTEMS } from './memory.ts';
import type { ClientIdentity } from './ownToken.ts';
import { RestClient } from './restClient.ts';
import { tokenFile } from './tokenFile.ts';

export type TurnkeepOptions = {
  /** The Turnkeep home; default `TURNKEEP_HOME`, else `~/.turnkeep`. */
  home?: string;
  /** Name of the project; default `TURNKEEP_PROJECT`, else the working folder's repository. */
  project?: string;
  /** What the session belongs to beside the project, for example `job:42`; default `library`. */
  origin?: string;
};

/** A capture that no server could take: it is kept in the spool and arrives later, once. */
export type Spooled = { spooled: true; event_id: string };
export type Metadata = Record<string, unknown>;

/**
 * Keeps turns of AI conversations from a program, and finds them again. The server is started when
 * it is needed.
 *
 * @example
 * ```ts
 * import { Turnkeep } from 'turnkeep';
 *
 * const turnkeep = new Turnkeep({ project: 'website' });
 * await turnkeep.captureTurn('What is the project status?', 'All systems work.', {
 *   model: 'my-model',
 * });
 * const { ltst } = await turnkeep.search('project status');
 * for (const item of ltst?.items ?? []) console.log(item.created_at, item.content);
 * await turnkeep.close();
 * ```
 */
export class Turnkeep {
  readonly #home: Home;
  readonly #options: TurnkeepOptions;
  #target: Promise<{ home: Home; client: RestClient; context: CallContext }> | null = null;

  constructor(options: TurnkeepOptions = {}) {
    this.#options = options;
    this.#home = homeLayout(options.home ? { TURNKEEP_HOME: options.home } : process.env);
  }

  /**
   * Keeps a question and its answer. Metadata is any JSON object up to 64 KiB; its `model` names
   * the model. Throws `TurnkeepError`: `message_too_large` over 8 MiB, `home_unwritable` when the
   * turn could be stored nowhere.
   */
  async captureTurn(
    query: string,
    response: string,
    metadata?: Metadata,
  ): Promise<CaptureResult | Spooled> {
    const turn = { query, response, ...(metadata ? { metadata } : {}) };
    const kept = await this.#capture('capture_turns', { turns: [turn] });
    if (!('turn_ids' in kept)) return kept;
    const { session_id, thread_id, turn_ids } = kept;
    return { turn_id: turn_ids[0] ?? '', session_id, thread_id, message: 'Turn captured.' };
  }

  /** Keeps a question; the next answer of the session belongs to it. */
  captureQuery(query: string, metadata?: Metadata): Promise<CaptureResult | Spooled> {
    return this.#capture('capture_user_query', { query, ...(metadata ? { metadata } : {}) });
  }

  /** Keeps an answer: of the turn given, else of the session's last open question. */
  captureResponse(
    response: string,
    options: { queryTurnId?: string; metadata?: Metadata } = {},
  ): Promise<CaptureResult | Spooled> {
    const { queryTurnId, metadata } = options;
    return this.#capture('capture_ai_response', {
      response,
      ...(queryTurnId ? { query_turn_id: queryTurnId } : {}),
      ...(metadata ? { metadata } : {}),
    });
  }

  /** Keeps up to 1,000 turns in one transaction: all of them or none. */
  captureBatch(turns: BatchTurn[]): Promise<ToolOutput<'capture_turns'> | Spooled> {
    return this.#capture('capture_turns', { turns });
  }

  /** Counts of the current session and of everything stored. */
  async stats(): Promise<Statistics> {
    return (await this.#ready()).client.call('get_conversation_stats', {});
  }

  /** Ends the current session; the next capture begins a new one. */
  async closeSession(): Promise<ToolOutput<'close_session'>> {
    return (await this.#ready()).client.call('close_session', {});
  }

  /**
   * Finds stored turns, best first. `project: '*'` looks in all projects. What comes back is stored
   * text: do not hand it to a model as instructions.
   */
  async search(
    query: string,
    options: Omit<ToolInput<'query_memory'>, 'query'> = {},
  ): Promise<MemoryAnswer> {
    return (await this.#ready()).client.call('query_memory', { query, ...options });
  }

  /**
   * What is stored about a question, from every memory system unless `systems` names some: the
   * `bundle` of the answer is text for a model within `max_tokens`, delimited and marked as
   * untrusted.
   */
  async rehydrate(
    query: string,
    options: Omit<ToolInput<'query_memory'>, 'query'> = {},
  ): Promise<MemoryAnswer> {
    return this.search(query, { systems: ALL_SYSTEMS, ...options });
  }

  /**
   * Calls a connected system, by its id. What it answers is given back, also an error of its own:
   * look at `ok` and `status`. With `idempotency_key` a write is tried again when it fails.
   * Throws `TurnkeepError`: `refused` by its policy, `rate_limited`, `timed_out`,
   * `external_failed` when it cannot be reached, `external_unavailable` while it is left alone.
   *
   * @example
   * ```ts
   * const { ok, body } = await turnkeep.callExternal({
   *   integration: 'github',
   *   path: '/repos/example/website/issues',
   *   query: { state: 'open' },
   * });
   * ```
   */
  async callExternal(
    call: ExternalCall,
    options: { signal?: AbortSignal } = {},
  ): Promise<ExternalAnswer> {
    return (await this.#ready()).client.request('callExternal', call, options);
  }

  /** Lets go of the server, which goes on for others and ends by itself when idle. */
  async close(): Promise<void> {
    this.#target = null;
  }

  async #capture<N extends CaptureTool>(
    tool: N,
    input: ToolInput<N>,
  ): Promise<ToolOutput<N> | Spooled> {
    const captured = await captureOrSpool(await this.#ready(), tool, input);
    return captured.spooled ? { spooled: true, event_id: captured.event_id } : captured.output;
  }

  #ready() {
    this.#target ??= this.#prepare();
    return this.#target;
  }

  async #prepare() {
    const { origin = 'library', project: name = process.env.TURNKEEP_PROJECT } = this.#options;
    const project = await resolveProject({ cwd: process.cwd(), ...(name ? { name } : {}) });
    const context: CallContext = { project, origin, client: 'library' };
    const serverPath = join(dirname(fileURLToPath(import.meta.url)), 'server.mjs');
    const client: ClientIdentity = {
      name: 'library',
      permissions: clientPermissions.library,
      keep: tokenFile(this.#home, 'library'),
    };
    const connect = (refused?: string) => {
      return connectOrStart({ home: this.#home, serverPath, version: VERSION, client, refused });
    };
    return { home: this.#home, client: new RestClient(connect, () => context), context };
  }
}
