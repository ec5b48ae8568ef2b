import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IntegrationStatus } from '../../src/contracts/integrationCalls.ts';
import type { Permission } from '../../src/contracts/tool.ts';
import { type AnsweringServer, answeringServer, json } from '../support/answeringServer.ts';
import { clientOf } from '../support/api.ts';
import { envelopeOf, removeHome, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let outside: AnsweringServer;
const key = { OUTSIDE_KEY: 'the-key-of-this-server' };

beforeAll(async () => {
  outside = await answeringServer((_, response) => json(response, { fine: true }));
  server = await startTestServer({ env: key });
  await clientOf(server).request('putIntegration', {
    ...{ integration_id: 'outside', base_url: outside.url, key_ref: 'env:OUTSIDE_KEY' },
    settings: { allow_addresses: ['127.0.0.1'], retries: 2 },
  });
});
afterAll(async () => {
  await server.stop();
  await removeHome(server.home);
  await outside.close();
});

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  server.request(path, { method: 'POST', body: JSON.stringify(body), headers });

describe('/api/v1/integration/external', () => {
  it('sends the Idempotency-Key of the request on, and tries again by it', async () => {
    outside.answers((_, response) => json(response, {}, outside.seen.length === 1 ? 503 : 201));
    outside.seen.length = 0;
    const body = { integration: 'outside', path: '/orders', body: { count: 1 } };
    const answer = await post('/api/v1/integration/external', body, { 'idempotency-key': 'o-1' });
    const { data } = await envelopeOf(answer);
    expect(data).toMatchObject({ ok: true, status: 201, attempts: 2 });
    expect(outside.seen.map((seen) => seen.headers['idempotency-key'])).toEqual(['o-1', 'o-1']);
    outside.seen.length = 0;
    const without = await envelopeOf(await post('/api/v1/integration/external', body));
    expect(without.data).toMatchObject({ ok: false, status: 503, attempts: 1 });
    expect(outside.seen[0]?.headers['idempotency-key']).toBeUndefined();
  });

  it('ends the call when the client leaves', async () => {
    let isLeft: () => void = () => {};
    const left = new Promise<void>((done) => {
      isLeft = done;
    });
    outside.seen.length = 0;
    outside.answers((_, response) => response.once('close', isLeft));
    const controller = new AbortController();
    const asked = server.request('/api/v1/integration/external', {
      ...{ method: 'POST', signal: controller.signal },
      body: JSON.stringify({ integration: 'outside' }),
    });
    const ended = asked.catch((error: Error) => error.name);
    await expect.poll(() => outside.seen.length).toBe(1);
    controller.abort();
    expect(await ended).toBe('AbortError');
    await left;
    expect(outside.seen).toHaveLength(1);
    outside.answers((_, response) => json(response, { fine: true }));
  });

  it('tells what is wrong by code, status and field', async () => {
    const refusals: [body: unknown, status: number, code: string, field: string | null][] = [
      [{ integration: 'nobody' }, 404, 'not_found', null],
      [{ integration: 'outside', path: 'issues' }, 400, 'invalid_request', 'path'],
      [{ integration: 'outside', body: 'x', method: 'GET' }, 400, 'invalid_request', 'body'],
      [{ integration: 'outside', headers: { Cookie: 'a' } }, 400, 'invalid_request', 'headers'],
      [{ integration: 'outside', body: {}, carries: ['conversation'] }, 403, 'refused', ''],
      [{ integration: 'outside', unknown: 1 }, 400, 'invalid_request', 'unknown'],
    ];
    outside.seen.length = 0;
    for (const [body, status, code, field] of refusals) {
      const answer = await post('/api/v1/integration/external', body);
      const { error } = await envelopeOf(answer);
      expect([body, answer.status, error?.code]).toEqual([body, status, code]);
      if (field !== null) expect(error?.fields?.[0]?.path).toBe(field);
    }
    expect(outside.seen).toEqual([]);
  });
});

describe('permissions', () => {
  it('of connected systems are three: to see, to set up, to call', async () => {
    const token = async (...permissions: Permission[]) => {
      const made = await server.call('issue_token', { name: permissions.join(), permissions });
      return { authorization: `Bearer ${made.token}` };
    };
    const routes: [method: string, path: string, body: unknown, permission: Permission][] = [
      ['GET', '/api/v1/integration/status', null, 'integrations:read'],
      ['GET', '/api/v1/audit/verify', null, 'integrations:read'],
      [
        'PUT',
        '/api/v1/integrations/mine',
        { base_url: 'https://example.com' },
        'integrations:write',
      ],
      ['DELETE', '/api/v1/integrations/mine', null, 'integrations:write'],
      ['POST', '/api/v1/integration/external', { integration: 'outside' }, 'integrations:call'],
    ];
    const all = ['integrations:read', 'integrations:write', 'integrations:call'] as const;
    for (const held of all) {
      const headers = await token(held);
      for (const [method, path, body, permission] of routes) {
        const init = body === null ? { method } : { method, body: JSON.stringify(body) };
        const answer = await server.request(path, { ...init, headers });
        expect([held, path, answer.status === 403]).toEqual([held, path, held !== permission]);
      }
    }
  });
});

describe('after a restart', () => {
  it('systems, their measures and the log are there, and no key is in any file', async () => {
    const client = clientOf(server);
    const status = async (of: typeof client): Promise<IntegrationStatus | undefined> => {
      const { integrations } = await of.request('integrationStatus', {});
      return integrations.find((one) => one.integration_id === 'outside');
    };
    const before = await status(client);
    const { head, entries } = await client.request('verifyAudit', {});
    expect(before?.requests).toBeGreaterThan(3);
    expect(await server.stop()).toBe(0);
    server = await startTestServer({ home: server.home, env: key });
    const again = clientOf(server);
    expect(await status(again)).toMatchObject({
      ...{ requests: before?.requests, errors: before?.errors },
      last_error: before?.last_error,
    });
    expect(await again.request('verifyAudit', { head })).toMatchObject({ intact: true, entries });
    const dump = JSON.stringify([
      await again.request('listIntegrations', {}),
      await again.request('exportAudit', {}),
      await again.request('listLogs', { limit: 500 }),
    ]);
    expect(dump).toContain('outside');
    expect(dump).not.toContain(key.OUTSIDE_KEY);
  });
});
