import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type CallContext, CONTEXT_HEADER, encodeContext } from '../contracts/context.ts';
import type { EndpointContract } from '../contracts/endpoint.ts';
import {
  type EndpointInput,
  type EndpointOutput,
  type EventEndpointName,
  endpoints,
  type JsonEndpointName,
} from '../contracts/endpoints.ts';
import { TurnkeepError } from '../contracts/errors.ts';
import { type Health, healthSchema } from '../contracts/server.ts';
import type { ListedTool, ToolInput, ToolName, ToolOutput } from '../contracts/tools.ts';
import type { Connection } from './connection.ts';
import { endpointRequest } from './endpointRequest.ts';
import { errorCodeOf, unwrap } from './envelope.ts';
import { untilFailure } from './eventFailure.ts';
import { type ClientEvent, eventsIn } from './events.ts';
import {
  ConnectionError,
  type HttpAnswer,
  type HttpRequest,
  requestEvents,
  requestJson,
} from './http.ts';
import { isRepeatable } from './repeatable.ts';

type Output = Record<string, unknown>;
type Exchange = (request: HttpRequest) => Promise<HttpAnswer>;

export type CallOptions = { signal?: AbortSignal; idempotencyKey?: string };

/** Finds the server, or starts it; `refused` is the token that it has just refused. */
export type Connect = (refused?: string) => Promise<Connection>;

/**
 * Typed calls of the server's tools over REST. Connects on the first call. When the server went
 * away, or refuses the token, it connects once more and repeats the call where that is harmless.
 */
export class RestClient {
  readonly #connect: Connect;
  readonly #context: () => CallContext;
  #connection: Promise<Connection> | null = null;

  constructor(connect: Connect, context: () => CallContext) {
    this.#connect = connect;
    this.#context = context;
  }

  /** Calls a tool. Throws `TurnkeepError`: the server's, or `server_unreachable`. */
  async call<N extends ToolName>(
    name: N,
    input: ToolInput<N>,
    options: CallOptions = {},
  ): Promise<ToolOutput<N>> {
    // A newer server may know more values than this client's schema: what it answers is not
    // parsed again, and both sides come from one definition.
    return (await this.callByName(name, input, options)) as ToolOutput<N>;
  }

  /** Calls a tool that is known by name alone, as a forwarder does. */
  async callByName(name: string, input: object, options: CallOptions = {}): Promise<Output> {
    const headers: Record<string, string> = {};
    if (options.idempotencyKey) headers['idempotency-key'] = options.idempotencyKey;
    const repeatable = options.idempotencyKey !== undefined || isRepeatable(name, input);
    const answer = await this.#send(
      {
        method: 'POST',
        url: '/mcp/tools/call',
        headers,
        body: { tool_name: name, arguments: input },
        signal: options.signal,
        freshSocket: !repeatable,
      },
      repeatable,
    );
    return unwrap(answer);
  }

  /**
   * Asks an endpoint of `/api`: the fields of its path, query and body in one object. Gives the
   * envelope's data. Throws `TurnkeepError`: the server's, or `server_unreachable`.
   */
  async request<N extends JsonEndpointName>(
    name: N,
    input: EndpointInput<N>,
    options: CallOptions = {},
  ): Promise<EndpointOutput<N>> {
    const contract: EndpointContract = endpoints[name];
    // A write has a key in any case: one whose answer was lost is asked for again, and done once.
    const keyed = contract.use?.includes('idempotent') ?? false;
    const headers: Record<string, string> = keyed
      ? { 'idempotency-key': options.idempotencyKey ?? randomUUID() }
      : {};
    const repeatable = keyed || contract.method === 'GET';
    const answer = await this.#send(
      {
        ...endpointRequest(contract, input as Record<string, unknown>),
        headers,
        signal: options.signal,
        freshSocket: !repeatable,
      },
      repeatable,
    );
    return unwrap(answer) as EndpointOutput<N>;
  }

  /**
   * Opens a stream of events: resolves when the server has taken it, so that nothing which happens
   * from then on is missed. The events end when the server ends them; the signal, or leaving the
   * loop, ends them here. `after` is the id of the last event that the caller had. Throws
   * `TurnkeepError`: the server's, also in the middle, or `server_unreachable` when the connection is
   * lost.
   */
  async events<N extends EventEndpointName>(
    name: N,
    input: EndpointInput<N>,
    options: { signal?: AbortSignal; after?: string } = {},
  ): Promise<AsyncIterable<ClientEvent<EndpointOutput<N>>>> {
    const { after, signal } = options;
    const contract: EndpointContract = endpoints[name];
    const request: HttpRequest = {
      ...endpointRequest(contract, input as Record<string, unknown>),
      ...(after === undefined ? {} : { headers: { 'last-event-id': after } }),
      signal,
    };
    let texts: AsyncIterable<string> | undefined;
    const answer = await this.#send(request, contract.method === 'GET', async (complete) => {
      const opened = await requestEvents(complete);
      if ('answer' in opened) return opened.answer;
      texts = opened.texts;
      return { status: 200, body: null };
    });
    return texts ? untilFailure(eventsIn<EndpointOutput<N>>(texts)) : noEvents(answer);
  }

  /** Tools that the server lists to AI clients. */
  async listTools(): Promise<ListedTool[]> {
    const { status, body } = await this.#send({ method: 'GET', url: '/mcp/tools' }, true);
    const listed = z.object({ tools: z.array(z.custom<ListedTool>()) }).safeParse(body);
    if (listed.success) return listed.data.tools;
    const { tools: inside } = unwrap({ status, body });
    return z.array(z.custom<ListedTool>()).parse(inside);
  }

  async health(): Promise<Health> {
    const { status, body } = await this.#send({ method: 'GET', url: '/health' }, true);
    const health = healthSchema.safeParse(body);
    if (health.success) return health.data;
    return healthSchema.parse(unwrap({ status, body }));
  }

  async #send(
    request: HttpRequest,
    repeatable: boolean,
    exchange: Exchange = requestJson,
  ): Promise<HttpAnswer> {
    const first = await this.#current();
    try {
      const answer = await exchange(this.#complete(first, request));
      if (!(await this.#worthRepeating(answer, first))) return answer;
    } catch (thrown) {
      if (!(thrown instanceof ConnectionError)) throw thrown;
      this.#connection = null;
      if (thrown.reached && !repeatable) {
        throw new TurnkeepError(
          'server_unreachable',
          `The connection to the server was lost before it answered (${thrown.message}): what was asked for may have been done or not. Look before you repeat it.`,
          { cause: thrown },
        );
      }
    }
    try {
      return await exchange(this.#complete(await this.#current(), request));
    } catch (thrown) {
      if (!(thrown instanceof ConnectionError)) throw thrown;
      this.#connection = null;
      throw new TurnkeepError(
        'server_unreachable',
        `The server at ${first.url} does not answer (${thrown.message}). See "turnkeep doctor".`,
        { cause: thrown },
      );
    }
  }

  /** After a refused token or a server that is stopping: whether another connection may do better. */
  async #worthRepeating(answer: HttpAnswer, used: Connection): Promise<boolean> {
    if (answer.status === 401) {
      this.#connection = null;
      const next = await this.#current(used.token);
      return next.token !== used.token || next.url !== used.url;
    }
    if (answer.status !== 503 || errorCodeOf(answer) !== 'shutting_down') return false;
    this.#connection = null;
    return true;
  }

  #current(refused?: string): Promise<Connection> {
    if (!this.#connection) {
      const connecting = this.#connect(refused);
      this.#connection = connecting;
      connecting.catch(() => {
        if (this.#connection === connecting) this.#connection = null;
      });
    }
    return this.#connection;
  }

  #complete({ url, token }: Connection, request: HttpRequest): HttpRequest {
    return {
      ...request,
      url: new URL(request.url, url).href,
      headers: {
        ...request.headers,
        authorization: `Bearer ${token}`,
        [CONTEXT_HEADER]: encodeContext(this.#context()),
      },
    };
  }
}

/** Why there are no events. */
function noEvents(answer: HttpAnswer): never {
  unwrap(answer);
  throw new TurnkeepError('internal_error', 'The server answered with something else than events.');
}
