import fc from 'fast-check';
import { Response } from 'undici';
import { describe, expect, it } from 'vitest';
import { attempt } from '../../../src/server/integrations/external/attempt.ts';
import { faultOfThrown, retryAfterOf } from '../../../src/server/integrations/external/faults.ts';
import type { GuardedFetch } from '../../../src/server/integrations/guard/guardedFetch.ts';
import { trendOf } from '../../../src/server/integrations/health/noting.ts';
import { Latencies } from '../../../src/server/integrations/measures/latencies.ts';
import { valueAt } from '../../../src/server/integrations/policy/fields.ts';
import { isHostAllowed, isPathAllowed } from '../../../src/server/integrations/policy/paths.ts';

describe('a redirect from https to plain http', () => {
  it('is not followed', async () => {
    const asked: string[] = [];
    const fetch = (async (url) => {
      asked.push(String(url));
      return new Response(null, { status: 302, headers: { location: 'http://api.test/' } });
    }) as GuardedFetch;
    const request = { url: new URL('https://api.test/'), method: 'GET', headers: {}, body: null };
    const work = attempt(request as Parameters<typeof attempt>[0], {
      ...{ who: 'api', fetch, allow: [], timeoutMs: 1000, maxBytes: 1000, redirects: 3 },
      signal: new AbortController().signal,
      onRedirect: async () => {},
    });
    await expect(work).rejects.toMatchObject({ kind: 'refused', mayPass: false });
    expect(asked).toEqual(['https://api.test/']);
  });
});

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['2', 2000],
    ['1.5', 1500],
    ['-1', undefined],
    ['soon', undefined],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ])('"%s" is %s ms', (text, ms) => expect(retryAfterOf(text)).toBe(ms));
  it('as a date is the time until then', () => {
    const text = new Date(Date.now() + 5000).toUTCString();
    expect(retryAfterOf(text)).toBeGreaterThan(3000);
    expect(retryAfterOf(text)).toBeLessThanOrEqual(5000);
  });
});

describe('what went wrong', () => {
  const failed = (code: string) =>
    new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code }) });
  it.each([
    ['ECONNREFUSED', 'unreachable', true],
    ['ENOTFOUND', 'unreachable', true],
    ['UND_ERR_CONNECT_TIMEOUT', 'unreachable', true],
    ['ECONNRESET', 'connection_lost', true],
    ['UND_ERR_SOCKET', 'connection_lost', true],
    ['CERT_HAS_EXPIRED', 'certificate', false],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'certificate', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate', false],
  ])('%s is %s', (code, kind, mayPass) => {
    expect(faultOfThrown(failed(code), 'api')).toMatchObject({ kind, mayPass, isOutage: true });
  });
  it('is found in an error of several addresses', () => {
    const inner = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
    const cause = new AggregateError([inner]);
    expect(faultOfThrown(new TypeError('fetch failed', { cause }), 'api').kind).toBe('unreachable');
  });
});

describe('latencies', () => {
  const times = fc.array(fc.double({ min: 1, max: 1e6, noNaN: true }), { minLength: 1 });
  it('tell quantiles to within 5 %, also when they are stored and put together', () => {
    fc.assert(
      fc.property(times, times, (one, two) => {
        const [a, b] = [new Latencies(), new Latencies()];
        for (const ms of one) a.add(ms);
        for (const ms of two) b.add(ms);
        const both = new Latencies();
        both.merge(JSON.parse(JSON.stringify(a)));
        both.merge(JSON.parse(JSON.stringify(b)));
        const sorted = [...one, ...two].sort((x, y) => x - y);
        const summary = both.summary();
        for (const [name, share] of [
          ['p50', 0.5],
          ['p95', 0.95],
          ['p99', 0.99],
        ] as const) {
          const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
          const told = summary?.[name] ?? 0;
          // Half of a millisecond is lost by rounding.
          expect(Math.abs(told - exact)).toBeLessThanOrEqual(exact * 0.05 + 0.6);
        }
      }),
    );
  });
  it('of nothing are none', () => expect(new Latencies().summary()).toBeNull());
});

describe('the trend', () => {
  it.each([
    [[100, 100, 100], null],
    [[100, 100, 100, 100, 100, 100], 'same'],
    [[100, 100, 100, 300, 300, 300], 'slower'],
    [[300, 300, 300, 100, 100, 100], 'faster'],
    [[1, 1, 1, 9, 9, 9], 'same'],
  ])('of %j is %s', (latencies, trend) => expect(trendOf(latencies)).toBe(trend));
});

describe('a path', () => {
  it.each([
    ['/a', ['/a'], true],
    ['', ['/'], true],
    ['/a/b', ['/a'], false],
    ['/a/b', ['/a/*'], true],
    ['/a/b/c', ['/a/*'], false],
    ['/a/b/c', ['/a/**'], true],
    ['/a/b/c', ['/*/b/*'], true],
    ['/ab', ['/a.'], false],
    ['/a%2fb', ['/**'], false],
    ['/a%5Cb', ['/**'], false],
  ])('%s within %j: %s', (path, allowed, is) => expect(isPathAllowed(path, allowed)).toBe(is));
});

describe('a host', () => {
  it.each([
    ['api.example.com', ['api.example.com'], true],
    ['api.example.com.', ['api.example.com'], true],
    ['api.example.com', ['*.example.com'], true],
    ['example.com', ['*.example.com'], false],
    ['badexample.com', ['*.example.com'], false],
    ['example.com.evil.test', ['example.com', '*.example.com'], false],
  ])('%s within %j: %s', (host, allowed, is) => expect(isHostAllowed(host, allowed)).toBe(is));
});

describe('a field', () => {
  it('is found by its path, also in lists, and never on what all objects have', () => {
    const body = { a: { b: [{ c: 1 }] }, 'x.y': 2, x: { y: 3 } };
    expect(valueAt(body, 'a.b.0.c')).toBe(1);
    expect(valueAt(body, 'x.y')).toBe(2);
    expect(valueAt(body, 'a.b.1.c')).toBeUndefined();
    expect(valueAt(body, 'constructor')).toBeUndefined();
    expect(valueAt(body, 'a.__proto__.x')).toBeUndefined();
    expect(valueAt('text', 'length')).toBeUndefined();
  });
});
