import {
  type CallToolResult,
  Client,
  ProtocolError,
  ProtocolErrorCode,
  SdkError,
  SdkErrorCode,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { type CallContext, CONTEXT_HEADER, encodeContext } from '../contracts/context.ts';
import { TurnkeepError, toTurnkeepError } from '../contracts/errors.ts';
import type { ToolInput, ToolName, ToolOutput } from '../contracts/tools.ts';
import { VERSION } from '../contracts/version.ts';
import { ConnectionError } from './http.ts';
import { isRepeatable } from './repeatable.ts';
import type { CallOptions, Connect } from './restClient.ts';

// Backups and restores take longer than the protocol's default of a minute.
const CALL_TIMEOUT_MS = 10 * 60_000;

/**
 * Typed calls of the server's tools over MCP (streamable HTTP). Connects on the first call, and
 * again when the server was restarted; a call that was under way is repeated where that is harmless.
 */
export class McpToolClient {
  readonly #connect: Connect;
  readonly #context: () => CallContext;
  #session: Promise<Client> | null = null;
  /** The last token that the server refused. */
  #refused: string | undefined;

  constructor(connect: Connect, context: () => CallContext) {
    this.#connect = connect;
    this.#context = context;
  }

  /** Calls a tool. Throws `TurnkeepError`: the tool's, or `server_unreachable`. */
  async call<N extends ToolName>(
    name: N,
    input: ToolInput<N>,
    options: CallOptions = {},
  ): Promise<ToolOutput<N>> {
    const repeatable = options.idempotencyKey !== undefined || isRepeatable(name, input);
    try {
      return await this.#callOnce(name, input, options);
    } catch (thrown) {
      if (options.signal?.aborted) throw thrown;
      // What a tool refuses says nothing of the connection, which other calls are using.
      if (isConnectionLost(thrown)) await this.#drop();
      if (!isWorthRepeating(thrown, repeatable)) throw readable(thrown);
    }
    try {
      return await this.#callOnce(name, input, options);
    } catch (thrown) {
      if (isConnectionLost(thrown)) await this.#drop();
      throw readable(thrown);
    }
  }

  /** Ends the connection; a later call opens another. */
  close(): Promise<void> {
    return this.#drop();
  }

  async #callOnce<N extends ToolName>(
    name: N,
    input: ToolInput<N>,
    { signal, idempotencyKey }: CallOptions,
  ): Promise<ToolOutput<N>> {
    const client = await this.#open();
    const result = await client.callTool(
      { name, arguments: { ...input } },
      {
        timeout: CALL_TIMEOUT_MS,
        ...(signal ? { signal } : {}),
        ...(idempotencyKey ? { headers: { 'idempotency-key': idempotencyKey } } : {}),
      },
    );
    if (result.isError) throw toolError(result);
    // Server and client share one definition; a newer server may say more than this schema knows.
    return result.structuredContent as ToolOutput<N>;
  }

  #open(): Promise<Client> {
    if (!this.#session) {
      const opening = this.#openSession();
      this.#session = opening;
      opening.catch(() => {
        if (this.#session === opening) this.#session = null;
      });
    }
    return this.#session;
  }

  async #openSession(): Promise<Client> {
    const { url, token } = await this.#connect(this.#refused);
    const client = new Client(
      { name: 'turnkeep', version: VERSION },
      { versionNegotiation: { mode: 'auto' } },
    );
    const transport = new StreamableHTTPClientTransport(new URL('/mcp', url), {
      fetch: async (address, init) => {
        const headers = new Headers(init?.headers);
        headers.set('authorization', `Bearer ${token}`);
        headers.set(CONTEXT_HEADER, encodeContext(this.#context()));
        const response = await reach(address, { ...init, headers });
        if (response.status !== 401) return response;
        this.#refused = token;
        throw new TurnkeepError(
          'unauthenticated',
          'The server refused the token of this home. Restart the server, then try again.',
        );
      },
    });
    await client.connect(transport);
    return client;
  }

  async #drop(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    const client = await session?.catch(() => null);
    await client?.close();
  }
}

async function reach(address: string | URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, init);
  } catch (thrown) {
    if (init.signal?.aborted || !(thrown instanceof Error)) throw thrown;
    const { cause } = thrown;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    throw new ConnectionError(code || thrown.message, code !== 'ECONNREFUSED', thrown);
  }
}

const CLOSED: ReadonlySet<string> = new Set([
  SdkErrorCode.NotConnected,
  SdkErrorCode.ConnectionClosed,
]);

/** The SDK wraps what the transport throws while it connects. */
function connectionFailure(thrown: unknown): ConnectionError | null {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error instanceof ConnectionError) return error;
    // Another call has found the server gone and closed the session that this one was using.
    if (SdkError.isInstance(error) && CLOSED.has(error.code)) {
      return new ConnectionError(error.message, true, error);
    }
  }
  return null;
}

function refusal(thrown: unknown): TurnkeepError | null {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error instanceof TurnkeepError) return error;
  }
  return null;
}

/** The server went away, or wants to be found anew. */
function isConnectionLost(thrown: unknown): boolean {
  if (connectionFailure(thrown)) return true;
  const code = refusal(thrown)?.code;
  return code === 'unauthenticated' || code === 'shutting_down';
}

function isWorthRepeating(thrown: unknown, repeatable: boolean): boolean {
  const failure = connectionFailure(thrown);
  if (failure) return repeatable || !failure.reached;
  // A refused token may have been replaced; a stopping server gives way to the next one.
  const code = refusal(thrown)?.code;
  return code === 'unauthenticated' || code === 'shutting_down';
}

function readable(thrown: unknown): TurnkeepError {
  const known = refusal(thrown);
  if (known) return known;
  const failure = connectionFailure(thrown);
  if (failure) {
    return new TurnkeepError(
      'server_unreachable',
      `The server does not answer (${failure.message}). See "turnkeep doctor".`,
      { cause: thrown },
    );
  }
  if (ProtocolError.isInstance(thrown) && thrown.code === ProtocolErrorCode.InvalidParams) {
    return new TurnkeepError('invalid_request', thrown.message, { cause: thrown });
  }
  return toTurnkeepError(thrown);
}

function toolError(result: CallToolResult): TurnkeepError {
  const [first] = result.content;
  const text = first?.type === 'text' ? first.text : '';
  try {
    return TurnkeepError.fromBody(JSON.parse(text));
  } catch {
    return new TurnkeepError('internal_error', text || 'The tool failed without saying why.');
  }
}
