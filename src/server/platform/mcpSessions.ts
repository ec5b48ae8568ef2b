import { randomUUID } from 'node:crypto';
import {
  type AuthInfo,
  type ServerEvent,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import type { McpConnection } from '../../mcp/server.ts';
import { McpEvents } from './mcpEvents.ts';

export const SESSION_HEADER = 'mcp-session-id';
const MAX_SESSIONS = 200;
const IDLE_MS = 60 * 60_000;
/** What a client waits before it takes up a broken stream again. */
const RETRY_MS = 1000;

type Session = {
  connection: McpConnection;
  transport: WebStandardStreamableHTTPServerTransport;
  /** The token that began it: no other may go on with it. */
  owner: string;
  usedAt: number;
  /** Open streams that the client reads notifications from. */
  streams: number;
};

/** What a request is refused with, in the form that the protocol wants. */
export function refusal(status: number, code: number, message: string): Response {
  return Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status });
}

/**
 * Sessions of protocol 2025: they let the server ask the client (its folders, the person) and tell
 * it of changes. They live in memory; a client whose session is gone begins another one. At most 200,
 * the one that was not used for longest gives way; those not used for an hour go when another begins.
 */
export class McpSessions {
  readonly #sessions = new Map<string, Session>();
  readonly #create: () => Promise<McpConnection>;
  readonly #onError: (error: Error) => void;

  constructor(create: () => Promise<McpConnection>, onError: (error: Error) => void) {
    this.#create = create;
    this.#onError = onError;
  }

  /** Somebody has a stream open that notifications arrive on. */
  get watched(): boolean {
    return [...this.#sessions.values()].some(({ streams }) => streams > 0);
  }

  /** How many are kept. */
  get count(): number {
    return this.#sessions.size;
  }

  /** Begins a session with its `initialize` request. */
  async open(request: Request, parsedBody: unknown, authInfo: AuthInfo): Promise<Response> {
    this.#makeRoom();
    const connection = await this.#create();
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: new McpEvents(),
      retryInterval: RETRY_MS,
      onsessioninitialized: (id) => {
        const [owner, usedAt] = [authInfo.clientId, Date.now()];
        this.#sessions.set(id, { connection, transport, owner, usedAt, streams: 0 });
      },
    });
    transport.onerror = this.#onError;
    transport.onclose = () => {
      if (transport.sessionId) this.#sessions.delete(transport.sessionId);
    };
    await connection.server.connect(transport);
    return transport.handleRequest(request, { parsedBody, authInfo });
  }

  /** A request of a session that was begun; 404 when it is gone or another token's. */
  async serve(
    id: string,
    request: Request,
    parsedBody: unknown,
    authInfo: AuthInfo,
  ): Promise<Response> {
    const session = this.#sessions.get(id);
    if (!session || session.owner !== authInfo.clientId) {
      return refusal(404, -32001, 'There is no such session: begin one with initialize.');
    }
    session.usedAt = Date.now();
    const given = parsedBody === undefined ? { authInfo } : { parsedBody, authInfo };
    const response = await session.transport.handleRequest(request, given);
    if (request.method === 'GET' && response.ok) {
      session.streams += 1;
      const ended = () => {
        session.streams -= 1;
      };
      if (request.signal.aborted) ended();
      else request.signal.addEventListener('abort', ended, { once: true });
    }
    return response;
  }

  /** Tells the clients of a change; for one resource those that asked for it. */
  publish(event: ServerEvent): void {
    for (const { connection } of this.#sessions.values()) {
      send(connection, event).catch(this.#onError);
    }
  }

  /** Ends the sessions of these tokens, which have ended. */
  endOf(owners: ReadonlySet<string>): void {
    for (const { owner, transport } of this.#sessions.values()) {
      if (owners.has(owner)) transport.close().catch(this.#onError);
    }
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#sessions.values()].map(({ transport }) => transport.close().catch(this.#onError)),
    );
    this.#sessions.clear();
  }

  #makeRoom(): void {
    const sessions = [...this.#sessions.values()].sort((a, b) => a.usedAt - b.usedAt);
    const until = Date.now() - IDLE_MS;
    let count = sessions.length;
    for (const { transport, usedAt, streams } of sessions) {
      if (count < MAX_SESSIONS && (usedAt > until || streams > 0)) continue;
      count -= 1;
      transport.close().catch(this.#onError);
    }
  }
}

function send({ server, subscribed }: McpConnection, event: ServerEvent): Promise<void> {
  if (event.kind === 'tools_list_changed') return server.sendToolListChanged();
  if (event.kind === 'prompts_list_changed') return server.sendPromptListChanged();
  if (event.kind === 'resources_list_changed') return server.sendResourceListChanged();
  if (!subscribed.has(event.uri)) return Promise.resolve();
  return server.sendResourceUpdated({ uri: event.uri });
}
