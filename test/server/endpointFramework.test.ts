import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type EndpointContract, endpoint, eventEndpoint } from '../../src/contracts/endpoint.ts';
import { type ErrorCode, TurnkeepError } from '../../src/contracts/errors.ts';
import type { Permission } from '../../src/contracts/tool.ts';
import type { AnyHandler, EndpointCall } from '../../src/server/platform/http/endpoint.ts';
import { registerEndpoints } from '../../src/server/platform/http/endpoints.ts';
import { fail, type Variables } from '../../src/server/platform/http/envelope.ts';
import { limitRate } from '../../src/server/platform/http/rateLimit.ts';

const base = { tag: 'Test', summary: 'Test', permission: 'memory:read' as Permission };
const output = z.object({ n: z.number() });

/** An app with endpoints of the test alone. */
function appOf(
  contract: EndpointContract,
  handler: (input: never, call: EndpointCall) => unknown,
  options: { permissions?: Permission[]; rate?: number; ending?: AbortSignal } = {},
) {
  const app = new Hono<{ Variables: Variables }>();
  const count = limitRate(options.rate ?? 0);
  app.use(async (c, next) => {
    const permissions = new Set(options.permissions ?? [contract.permission]);
    c.set('principal', { user: 'ada', permissions, tokenId: c.req.header('x-token') ?? 't' });
    c.set('requestId', 'r');
    await count(c.get('principal').tokenId);
    await next();
  });
  const ending = options.ending ?? new AbortController().signal;
  registerEndpoints(
    app,
    { test: contract },
    { test: handler as AnyHandler },
    {
      ending,
      whileGood: (_principal, stream) => stream,
    },
  );
  app.onError((error, c) =>
    fail(
      c,
      error instanceof TurnkeepError ? error : new TurnkeepError('internal_error', String(error)),
    ),
  );
  return app;
}

const codeOf = async (answer: Response) =>
  ((await answer.json()) as { error: { code: ErrorCode } | null }).error?.code;

describe('an endpoint', () => {
  it('is refused without its permission, which is named, before its input is looked at', async () => {
    const get = endpoint({ ...base, method: 'GET', path: '/api/v1/x', output });
    const app = appOf(get, async () => ({ n: 1 }), { permissions: ['server:read'] });
    const answer = await app.request('/api/v1/x?nonsense=1');
    expect(answer.status).toBe(403);
    expect(JSON.stringify(await answer.json())).toContain('memory:read');
  });

  it('is given up after its time, and its work is told', async () => {
    let reason: unknown;
    const slow = endpoint({ ...base, method: 'GET', path: '/api/v1/x', output, timeoutMs: 50 });
    const app = appOf(slow, (_input, call) => {
      call.signal.addEventListener('abort', () => {
        reason = call.signal.reason;
      });
      return new Promise(() => {});
    });
    const answer = await app.request('/api/v1/x');
    expect([answer.status, await codeOf(answer)]).toEqual([504, 'timed_out']);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(reason).toMatchObject({ code: 'timed_out' });
  });

  it('tells its work when the client leaves', async () => {
    const controller = new AbortController();
    const get = endpoint({ ...base, method: 'GET', path: '/api/v1/x', output });
    const app = appOf(get, (_input, call) => {
      const left = new Promise((_done, failed) => {
        call.signal.addEventListener('abort', () => failed(call.signal.reason));
      });
      controller.abort();
      return left;
    });
    const request = new Request('http://x/api/v1/x', { signal: controller.signal });
    const answer = await app.request(request);
    expect([answer.status, await codeOf(answer)]).toEqual([499, 'cancelled']);
  });

  it('says that it is not to be used any more', async () => {
    const deprecated = { since: '2026-01-01', instead: '/api/v2/x' };
    const old = endpoint({ ...base, method: 'GET', path: '/api/v1/x', output, deprecated });
    const answer = await appOf(old, async () => ({ n: 1 })).request('/api/v1/x');
    expect(answer.headers.get('deprecation')).toBe('@1767225600');
    expect(answer.headers.get('link')).toBe('</api/v2/x>; rel="successor-version"');
  });

  it('does a write once for many calls of one key at one moment; what failed can be tried again', async () => {
    let runs = 0;
    const write = endpoint({
      ...{ ...base, method: 'POST', path: '/api/v1/x', output, use: ['idempotent'] as const },
      body: z.strictObject({ fails: z.boolean().optional() }),
    });
    const app = appOf(write, async (input: { fails?: boolean }) => {
      runs += 1;
      await new Promise((done) => setTimeout(done, 20));
      if (input.fails && runs === 2) throw new TurnkeepError('conflict', 'Not now.');
      return { n: runs };
    });
    const send = (key: string, body: object, token = 't') =>
      app.request('/api/v1/x', {
        method: 'POST',
        headers: { 'idempotency-key': key, 'x-token': token },
        body: JSON.stringify(body),
      });
    const all = await Promise.all(Array.from({ length: 20 }, () => send('one', {})));
    const data = await Promise.all(all.map((answer) => answer.json()));
    expect(runs).toBe(1);
    expect(data.every((one) => (one as { data: { n: number } }).data.n === 1)).toBe(true);
    expect((await send('two', { fails: true })).status).toBe(409);
    expect((await send('two', { fails: true })).status).toBe(200);
    await send('one', {}, 'other token');
    expect(runs).toBe(4);
  });

  it('takes numbers and booleans of a query as such, and nothing else for them', async () => {
    const get = endpoint({
      ...{ ...base, method: 'GET', path: '/api/v1/x/{id}', output: z.unknown() },
      params: z.strictObject({ id: z.string() }),
      query: z.strictObject({
        count: z.number().optional(),
        flag: z.boolean().optional(),
        text: z.string().optional(),
      }),
    });
    const app = appOf(get, async (input) => input);
    const data = async (query: string) => {
      const answer = await app.request(`/api/v1/x/a%20b${query}`);
      return [answer.status, ((await answer.json()) as { data: unknown }).data];
    };
    expect(await data('?count=1.5&flag=true&text=7')).toEqual([
      200,
      { id: 'a b', count: 1.5, flag: true, text: '7' },
    ]);
    for (const query of ['count=', 'count=0x1', 'count=1e9', 'count=Infinity', 'flag=1', 'flag=']) {
      expect([query, (await data(`?${query}`))[0]]).toEqual([query, 400]);
    }
    expect(await data('?__proto__=1')).toEqual([400, null]);
    expect(await data('?constructor=1')).toEqual([400, null]);
  });

  it('ends the events of a client that leaves, and of a server that ends', async () => {
    const ended: string[] = [];
    const watch = eventEndpoint({ ...base, method: 'GET', path: '/api/v1/x', output });
    const ending = new AbortController();
    const handler = (_input: never, call: EndpointCall) =>
      (async function* () {
        try {
          for (let n = 0; n < 2 && !call.signal.aborted; n += 1) {
            yield { id: String(n), event: 'n', data: { n } };
          }
          await new Promise((done) => call.signal.addEventListener('abort', done));
        } finally {
          ended.push('ended');
        }
      })();
    const app = appOf(watch, handler, { ending: ending.signal });
    const reader = (await app.request('/api/v1/x')).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    const text = (await app.request('/api/v1/x')).text();
    await new Promise((done) => setTimeout(done, 20));
    ending.abort();
    expect(await text).toBe(
      ': open\n\nid: 0\nevent: n\ndata: {"n":0}\n\nid: 1\nevent: n\ndata: {"n":1}\n\n',
    );
    await new Promise((done) => setTimeout(done, 20));
    expect(ended).toEqual(['ended', 'ended']);
  });
});

describe('the rate of a token', () => {
  it('is limited, each token by itself, and says when to come back', async () => {
    const get = endpoint({ ...base, method: 'GET', path: '/api/v1/x', output });
    const app = appOf(get, async () => ({ n: 1 }), { rate: 0.5 });
    const ask = (token: string) => app.request('/api/v1/x', { headers: { 'x-token': token } });
    const statuses: number[] = [];
    for (let n = 0; n < 6; n += 1) statuses.push((await ask('a')).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    const refused = await ask('a');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await codeOf(refused)).toBe('rate_limited');
    expect((await ask('b')).status).toBe(200);
  });
});
