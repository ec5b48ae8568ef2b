import { Agent, type IncomingMessage, request } from 'node:http';
import type { Method } from '../contracts/endpoint.ts';

// Idle sockets of an agent are unreferenced: they keep no process alive.
const keepAlive = new Agent({ keepAlive: true });

/** A request that got no answer. `reached` is false when it certainly never arrived. */
export class ConnectionError extends Error {
  readonly reached: boolean;

  constructor(message: string, reached: boolean, cause: unknown) {
    super(message, { cause });
    this.name = 'ConnectionError';
    this.reached = reached;
  }
}

export type HttpRequest = {
  method: Method;
  url: string;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Milliseconds until the request is given up; none by default, since a restore may take long. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
  /** A socket of its own: a reused one may be closed by the server just as the request is sent. */
  freshSocket?: boolean;
};
export type HttpAnswer = { status: number; body: unknown };

const NEVER_ARRIVED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'EADDRNOTAVAIL']);

/**
 * One JSON request over loopback HTTP. Uses `node:http` and not `fetch`, which may be routed
 * through a proxy by the environment or the editor. An answer that is no JSON has `body: null`.
 * Throws `ConnectionError` when there is no answer and an `AbortError` when aborted.
 */
export async function requestJson(options: HttpRequest): Promise<HttpAnswer> {
  const incoming = await send(options);
  return readJson(incoming).catch((thrown: Error) => {
    throw lost(options, thrown);
  });
}

/**
 * The same for an answer that comes bit by bit. Gives its texts when the server answers with events,
 * else the JSON answer, which says why not.
 */
export async function requestEvents(
  options: HttpRequest,
): Promise<{ texts: AsyncIterable<string> } | { answer: HttpAnswer }> {
  const headers = { ...options.headers, accept: 'text/event-stream' };
  const incoming = await send({ ...options, headers, freshSocket: true });
  if (incoming.headers['content-type']?.startsWith('text/event-stream')) {
    return { texts: textsOf(incoming, options) };
  }
  return { answer: await readJson(incoming) };
}

async function* textsOf(incoming: IncomingMessage, options: HttpRequest): AsyncGenerator<string> {
  incoming.setEncoding('utf8');
  try {
    for await (const text of incoming) yield String(text);
  } catch (thrown) {
    throw lost(options, thrown instanceof Error ? thrown : new Error(String(thrown)));
  } finally {
    incoming.destroy();
  }
}

function lost(options: HttpRequest, thrown: Error & { code?: string }): unknown {
  if (options.signal?.aborted) return options.signal.reason;
  const reached = !NEVER_ARRIVED.has(thrown.code ?? '');
  return new ConnectionError(thrown.message || String(thrown.code), reached, thrown);
}

function send(options: HttpRequest): Promise<IncomingMessage> {
  const payload = options.body === undefined ? undefined : JSON.stringify(options.body);
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers };
  if (payload !== undefined) {
    headers['content-type'] = 'application/json';
    headers['content-length'] = String(Buffer.byteLength(payload));
  }
  return new Promise((resolve, reject) => {
    const outgoing = request(
      options.url,
      {
        method: options.method,
        headers,
        agent: options.freshSocket ? false : keepAlive,
        ...(options.signal ? { signal: options.signal } : {}),
      },
      resolve,
    );
    outgoing.on('error', (thrown) => reject(lost(options, thrown)));
    if (options.timeoutMs !== undefined) {
      outgoing.setTimeout(options.timeoutMs, () => {
        outgoing.destroy(new Error(`no answer within ${options.timeoutMs} ms`));
      });
    }
    outgoing.end(payload);
  });
}

async function readJson(incoming: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const status = incoming.statusCode ?? 0;
  try {
    return { status, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
  } catch {
    return { status, body: null };
  }
}
