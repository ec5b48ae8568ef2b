import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  anthropicMessages,
  chatCompletions,
  type Dialect,
  responses,
  type Said,
} from './dialects.ts';

/** How a provider behaves at one call; by default it answers well and at once. */
export type Behaviour = Partial<Said> & {
  /** Milliseconds before the first byte, and between pieces. */
  delayMs?: number;
  pauseMs?: number;
  /** An answer that is an error. */
  status?: number;
  message?: string;
  headers?: Record<string, string>;
  /** Anything else than what the kind would say. */
  body?: string;
  /** The connection is cut after so many pieces; `ends` closes it as if all were well. */
  cutAfter?: number;
  ends?: boolean;
  /** Says a length that is not the body's. */
  lengthOff?: number;
  vectors?: (texts: string[]) => number[][];
};

export type Seen = {
  path: string;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
  /** The client left before the answer was complete. */
  left: boolean;
};

const dialects: Record<string, Dialect> = {
  '/v1/chat/completions': chatCompletions,
  '/v1/responses': responses,
  '/v1/messages': anthropicMessages,
};

const wellSaid: Said = {
  pieces: ['Hello', ' ', 'there', '.'],
  reasoning: [],
  usage: { input: 12, output: 4 },
  finish: 'stop',
};

/**
 * A provider of models for tests, over real HTTP: OpenAI-compatible, OpenAI, Anthropic and Ollama on
 * one address. `next` says how it behaves at the calls to come; after those it behaves well.
 */
export class FakeProvider {
  readonly seen: Seen[] = [];
  readonly #server: Server;
  readonly #next: Behaviour[] = [];
  #always: Behaviour = {};

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  static async start(): Promise<FakeProvider> {
    const provider = new FakeProvider();
    provider.#server.listen(0, '127.0.0.1');
    await once(provider.#server, 'listening');
    return provider;
  }

  /** Without a path. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  next(...behaviours: Behaviour[]): void {
    this.#next.push(...behaviours);
  }

  /** How it behaves when nothing is said of a call; forgets what it was told and has seen. */
  always(behaviour: Behaviour = {}): void {
    this.#always = behaviour;
    this.#next.length = 0;
    this.seen.length = 0;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (request.method === 'GET') return list(path, response);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Seen['body'];
    // What is asked about models is no call of one.
    if (path === '/api/show') return send(response, 200, '{"capabilities":["completion"]}', {});
    const seen: Seen = { path, headers: request.headers, body, left: false };
    this.seen.push(seen);
    response.on('close', () => {
      seen.left = !response.writableFinished;
    });
    const how = this.#next.shift() ?? this.#always;
    if (how.delayMs) await delay(how.delayMs);
    const dialect = dialects[path];
    if (how.status !== undefined || how.body !== undefined) {
      const text =
        how.body ?? JSON.stringify((dialect ?? chatCompletions).error(how.message ?? 'no'));
      return send(response, how.status ?? 200, text, how);
    }
    if (path === '/v1/embeddings') return embeddings(response, body, how);
    if (!dialect) return send(response, 404, '{}', how);
    const said: Said = { ...wellSaid, ...how };
    if (body.stream !== true) return send(response, 200, JSON.stringify(dialect.whole(said)), how);
    await stream(response, dialect, said, how);
  }
}

async function stream(response: ServerResponse, dialect: Dialect, said: Said, how: Behaviour) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const text of dialect.begin(said)) response.write(text);
  for (const text of said.reasoning.flatMap(dialect.reasoning)) response.write(text);
  for (const [index, piece] of said.pieces.entries()) {
    if (index === how.cutAfter) {
      // What was written is to arrive before the connection is gone.
      await delay(30);
      if (how.ends) response.end();
      else response.destroy();
      return;
    }
    if (how.pauseMs) await delay(how.pauseMs);
    if (response.destroyed) return;
    response.write(dialect.piece(piece));
  }
  for (const text of dialect.end(said)) response.write(text);
  response.end();
}

function embeddings(response: ServerResponse, body: Seen['body'], how: Behaviour): void {
  const texts = body.input as string[];
  const made = how.vectors?.(texts) ?? texts.map((text) => [text.length, 1, 0.5]);
  const data = made.map((embedding, index) => ({ object: 'embedding', index, embedding }));
  const usage = how.usage === null ? {} : { usage: { prompt_tokens: texts.length * 3 } };
  const text = JSON.stringify({ object: 'list', model: 'fake', data, ...usage });
  send(response, 200, text, how);
}

function send(response: ServerResponse, status: number, text: string, how: Behaviour): void {
  const length = Buffer.byteLength(text) + (how.lengthOff ?? 0);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': length,
    ...how.headers,
  });
  // A length that is a lie cannot be ended in good order.
  if (how.lengthOff) response.write(text, () => response.destroy());
  else response.end(text);
}

/** The models of each kind. */
function list(path: string, response: ServerResponse): void {
  const lists: Record<string, unknown> = {
    '/v1/models': { object: 'list', data: [{ id: 'fake', object: 'model' }] },
    '/api/tags': { models: [{ name: 'fake', model: 'fake', details: { family: 'fake' } }] },
  };
  const found = lists[path];
  send(response, found ? 200 : 404, JSON.stringify(found ?? {}), {});
}
