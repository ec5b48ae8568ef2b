import type { Hono } from 'hono';
import { CONTEXT_HEADER } from '../../../contracts/context.ts';
import type { EndpointContract } from '../../../contracts/endpoint.ts';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { ENDPOINT_TIMEOUT_MS } from '../../../contracts/limits.ts';
import { type Principal, requirePermission } from '../../auth/service.ts';
import { contextOf } from '../callContext.ts';
import { cancelled } from '../cancelled.ts';
import type { Answer, AnyHandler, AppContext, EndpointCall, ServerEvent } from './endpoint.ts';
import { inputReader } from './endpointInput.ts';
import { succeed, type Variables } from './envelope.ts';
import { eventResponse } from './events.ts';
import { IdempotentAnswers } from './idempotency.ts';
import { middlewares, through } from './middleware.ts';
import { validate } from './validators.ts';

type App = Hono<{ Variables: Variables }>;
export type EndpointOptions = {
  /** Aborted when the server ends: open streams end with it. */
  ending: AbortSignal;
  /** Cuts a stream off when the token of this caller ends. */
  whileGood: (principal: Principal, stream: Response) => Response;
};

const EVENT_HEADERS = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

/** A path of a definition as hono writes it. */
function routeOf(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

/** Where one path has a word and another a field, the word goes before: it is no value of it. */
function fixedFirst(a: string, b: string): number {
  const others = b.split('/');
  for (const [at, part] of a.split('/').entries()) {
    const order = Number(part.startsWith('{')) - Number(others[at]?.startsWith('{') ?? false);
    if (order !== 0) return order;
  }
  return 0;
}

class Call implements EndpointCall {
  readonly #c: AppContext;
  readonly #input: Record<string, unknown>;
  #given: AbortController | undefined;
  #reason: unknown;
  status: 200 | 201 = 200;
  readonly context;

  constructor(c: AppContext, input: Record<string, unknown>) {
    this.#c = c;
    this.#input = input;
    this.context = contextOf(c.req.header(CONTEXT_HEADER));
  }

  get principal() {
    return this.#c.get('principal');
  }
  get requestId() {
    return this.#c.get('requestId');
  }
  get idempotencyKey() {
    return this.#c.req.header('idempotency-key');
  }
  /** Made when it is asked for: most handlers are done before anybody could leave. */
  get signal(): AbortSignal {
    if (this.#given) return this.#given.signal;
    const controller = new AbortController();
    this.#given = controller;
    const { signal } = this.#c.req.raw;
    const left = () => controller.abort(cancelled());
    if (this.#reason !== undefined) controller.abort(this.#reason);
    else if (signal.aborted) left();
    else signal.addEventListener('abort', left, { once: true });
    return controller.signal;
  }

  fingerprint(): string {
    const { method, path } = this.#c.req;
    return JSON.stringify([method, path, this.#input, this.context]);
  }
  header(name: string): string | undefined {
    return this.#c.req.header(name);
  }
  answerWith(status: 201): void {
    this.status = status;
  }
  abort(reason: unknown): void {
    this.#reason = reason;
    this.#given?.abort(reason);
  }
}

/** The work, or `timed_out` when it takes longer; it is told by the call's signal. */
function within(call: Call, ms: number, work: Promise<Answer>): Promise<Answer> {
  return new Promise((done, failed) => {
    const timer = setTimeout(() => {
      const error = new TurnkeepError(
        'timed_out',
        `This took longer than ${Math.round(ms / 1000)} s and was given up. Ask for less, or try again.`,
        { retryAfter: 1 },
      );
      call.abort(error);
      failed(error);
    }, ms);
    work.then(
      (answer) => {
        clearTimeout(timer);
        done(answer);
      },
      (error) => {
        clearTimeout(timer);
        failed(error);
      },
    );
  });
}

/**
 * Registers endpoints by their definitions: permission, validation, named checks and middlewares,
 * time limit, envelope. The app has put `principal` and `requestId` into the context.
 */
export function registerEndpoints(
  app: App,
  contracts: Record<string, EndpointContract>,
  handlers: Record<string, AnyHandler>,
  { ending, whileGood }: EndpointOptions,
): void {
  const named = middlewares(new IdempotentAnswers());
  const routes = Object.entries(contracts).sort(([, a], [, b]) => fixedFirst(a.path, b.path));
  for (const [name, contract] of routes) {
    const read = inputReader(contract);
    const chain = (contract.use ?? []).map((middleware) => named[middleware]);
    const handler = handlers[name] as AnyHandler;
    const fixed = deprecationHeaders(contract);
    app.on(contract.method, routeOf(contract.path), async (c) => {
      c.set('route', contract.path);
      requirePermission(c.get('principal'), contract.permission);
      const input = await read(c);
      validate(contract.checks ?? [], input);
      const call = new Call(c, input);
      if (contract.answers === 'events') {
        const events = (await handler(input as never, call)) as AsyncIterable<ServerEvent>;
        const headers = { ...fixed, 'X-Request-Id': call.requestId, ...EVENT_HEADERS };
        const left = () => call.abort(cancelled());
        return whileGood(call.principal, eventResponse(events, ending, headers, left));
      }
      const handle = async (): Promise<Answer> => {
        const data = await handler(input as never, call);
        return { status: call.status, data, headers: {} };
      };
      const work = through(chain, call, handle);
      const timeoutMs = contract.timeoutMs ?? ENDPOINT_TIMEOUT_MS;
      const { data, status, headers } = await within(call, timeoutMs, work);
      return succeed(c, data, status, { ...fixed, ...headers });
    });
  }
}

/** `Deprecation` (RFC 9745) of an endpoint that is not to be used any more. */
function deprecationHeaders({ deprecated }: EndpointContract): Record<string, string> {
  if (!deprecated) return {};
  return {
    Deprecation: `@${Date.parse(deprecated.since) / 1000}`,
    Link: `<${deprecated.instead}>; rel="successor-version"`,
  };
}
