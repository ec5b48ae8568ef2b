import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { z } from 'zod';
import { CONTEXT_HEADER } from '../../../contracts/context.ts';
import { endpoints } from '../../../contracts/endpoints.ts';
import { TurnkeepError, toTurnkeepError } from '../../../contracts/errors.ts';
import { MAX_BODY_BYTES } from '../../../contracts/limits.ts';
import type { Health } from '../../../contracts/server.ts';
import { type Auth, type Principal, requirePermission } from '../../auth/service.ts';
import { contextOf } from '../callContext.ts';
import { asCancelled } from '../cancelled.ts';
import type { IdleWatch } from '../idle.ts';
import type { Log } from '../logging.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { type Handlers, invalidRequest, listedFor, runTool } from '../tool.ts';
import { readBody } from './body.ts';
import { describeApi } from './describe.ts';
import type { AnyHandler, EndpointHandlers } from './endpoint.ts';
import { registerEndpoints } from './endpoints.ts';
import { answer, fail, plainJson, succeed, type Variables, withUsualHeaders } from './envelope.ts';
import { guardJsonBody, guardRequest } from './guards.ts';
import { noRoute } from './noRoute.ts';
import { limitRate } from './rateLimit.ts';
import { registerSigned, type SignedRoute } from './signedRoutes.ts';
import { endedWithToken } from './tokenStreams.ts';

export type AppOptions = {
  auth: Pick<Auth, 'authenticate' | 'onEnded'>;
  handlers: Handlers;
  endpoints: EndpointHandlers;
  /** Routes that check a signature in place of a token. */
  signed: readonly SignedRoute[];
  metrics: Metrics;
  /** Requests a second of one token; 0 is any number. */
  rateLimit: number;
  health: () => Promise<Health>;
  /** Serves `/mcp` once the guards have let the request through. */
  mcp: (request: Request, body: unknown, principal: Principal) => Promise<Response>;
  idle: IdleWatch;
  counters: { requests: number; failures: number };
  log: Log;
};

const callSchema = z
  .object({
    tool_name: z.string().optional(),
    name: z.string().optional(),
    arguments: z.record(z.string(), z.unknown()).optional(),
  })
  .refine((body) => body.tool_name ?? body.name, {
    message: 'Give the tool as `tool_name`.',
    path: ['tool_name'],
  });

/** A request id that is safe to echo and to log. */
const REQUEST_ID = /^[\w.:-]{1,100}$/;

const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';

/** Every route, behind the same guards; `/health` and what describes the routes need no token. */
export function createApp(options: AppOptions): Hono<{ Variables: Variables }> {
  const app = new Hono<{ Variables: Variables }>();
  const { counters, idle, log } = options;

  app.use(async (c, next) => {
    const given = c.req.header('x-request-id');
    c.set('requestId', given && REQUEST_ID.test(given) ? given : randomUUID());
    // A look at the health is no use: it must not keep an idle server awake.
    const leave = c.req.path === '/health' ? () => {} : idle.enter();
    const began = performance.now();
    try {
      await next();
    } finally {
      leave();
      counters.requests += 1;
      if (c.res.status >= 500) counters.failures += 1;
      const took = performance.now() - began;
      options.metrics.observe(c.req.method, c.get('route') ?? 'other', c.res.status, took);
    }
  });
  app.use((c, next) => {
    guardRequest(c);
    if (idle.closing) {
      throw new TurnkeepError(
        'shutting_down',
        'The server is ending. Try again: the next one starts.',
      );
    }
    return next();
  });

  app.get('/health', async (c) => {
    c.set('route', '/health');
    return plainJson(c, await options.health());
  });
  describeApi(app);

  const whileGood = (principal: Principal, response: Response) =>
    endedWithToken(response, principal.tokenId, (listener) => options.auth.onEnded(listener));
  const count = limitRate(options.rateLimit);
  registerSigned(app, options.signed, count);
  app.use(async (c, next) => {
    const principal = await options.auth.authenticate(c.req.raw.headers);
    c.set('principal', principal);
    await count(principal.tokenId);
    guardJsonBody(c);
    await next();
  });

  app.get('/mcp/tools', (c) => {
    c.set('route', '/mcp/tools');
    return plainJson(c, { tools: listedFor(c.get('principal')) });
  });
  app.post('/mcp/tools/call', async (c) => {
    c.set('route', '/mcp/tools/call');
    const parsed = callSchema.safeParse(await readBody(c.req.raw, MAX_BODY_BYTES));
    if (!parsed.success) throw invalidRequest(parsed.error, 'The body is not a tool call');
    const { tool_name, name } = parsed.data;
    const data = await runTool(options.handlers, tool_name ?? name ?? '', parsed.data.arguments, {
      principal: c.get('principal'),
      context: contextOf(c.req.header(CONTEXT_HEADER)),
      idempotencyKey: c.req.header('idempotency-key'),
      signal: asCancelled(c.req.raw.signal),
      at: undefined,
    });
    return succeed(c, data);
  });
  app.all('/mcp', async (c) => {
    c.set('route', '/mcp');
    const body = c.req.method === 'POST' ? await readBody(c.req.raw, MAX_BODY_BYTES) : undefined;
    const principal = c.get('principal');
    const response = await options.mcp(c.req.raw, body, principal);
    return withUsualHeaders(c, whileGood(principal, response));
  });

  app.get('/metrics', async (c) => {
    c.set('route', '/metrics');
    requirePermission(c.get('principal'), 'server:read');
    return answer(c, await options.metrics.text(), 200, { 'Content-Type': PROMETHEUS_TEXT });
  });
  registerEndpoints(app, endpoints, options.endpoints as Record<string, AnyHandler>, {
    ending: idle.ending,
    whileGood,
  });

  app.notFound((c) => {
    const { error, headers } = noRoute(app, c);
    return fail(c, error, headers);
  });
  app.onError((thrown, c) => {
    const error = toTurnkeepError(thrown);
    if (error.status >= 500) {
      log.error(
        { err: thrown, request_id: c.get('requestId'), path: c.req.path },
        'request failed',
      );
    }
    return fail(c, error);
  });
  return app;
}
