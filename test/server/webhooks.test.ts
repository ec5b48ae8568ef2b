import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewWebhook } from '../../src/contracts/webhooks.ts';
import { type AnsweringServer, answeringServer } from '../support/answeringServer.ts';
import {
  envelopeOf,
  removeHome,
  startTestServer,
  type TestServer,
  until,
} from '../support/server.ts';

const TURNS = 400;
const BATCH = 100;
/** Deliveries that are under way at a time: what a killed server may send twice. */
const UNDER_WAY = 24;
const base = '/api/v1/integration/webhook';

let server: TestServer;
let there: AnsweringServer;
beforeAll(async () => {
  server = await startTestServer();
  there = await answeringServer((_, response) => {
    response.writeHead(204).end();
  });
});
afterAll(async () => {
  await server?.stop();
  await there?.close();
  await removeHome(server.home);
});

async function ask<T>(method: string, path: string, body?: object): Promise<T> {
  const init = body ? { method, body: JSON.stringify(body) } : { method };
  const { success, data, error } = await envelopeOf(await server.request(base + path, init));
  if (!success) throw new Error(`${error?.code}: ${error?.message}`);
  return data as T;
}
const idOf = ({ headers }: AnsweringServer['seen'][number]) => String(headers['webhook-id']);

describe('webhooks of a server', () => {
  it('that is killed while it sends: none is lost, what comes twice has the same id', async () => {
    const { endpoint_id, secret } = await ask<NewWebhook>('POST', '/endpoints', {
      ...{ name: 'here', url: there.url, event_types: ['turn.captured'], enabled: false },
      settings: { allow_addresses: ['127.0.0.1'] },
    });
    expect(secret).toMatch(/^whsec_/);
    const since = new Date().toISOString();
    const captured: string[] = [];
    for (let from = 0; from < TURNS; from += BATCH) {
      const turns = Array.from({ length: BATCH }, (_, at) => ({
        query: `Question ${from + at}`,
        response: `Answer ${from + at}`,
      }));
      captured.push(...(await server.call('capture_turns', { turns })).turn_ids);
    }
    expect(there.seen).toEqual([]);
    await ask('PATCH', `/endpoints/${endpoint_id}`, { enabled: true });
    expect(await ask('POST', `/endpoints/${endpoint_id}/replay`, { since })).toEqual({
      replayed: TURNS,
    });
    await until(async () => there.seen.length > TURNS / 4, 'some to arrive');
    const ended = once(server.child, 'exit');
    server.child.kill('SIGKILL');
    await ended;
    expect(there.seen.length).toBeLessThan(TURNS);
    server = await startTestServer({ home: server.home });
    await until(async () => new Set(there.seen.map(idOf)).size === TURNS, 'all to arrive', 60_000);
    await until(async () => {
      const waiting = await ask<{ deliveries: unknown[] }>('GET', '/deliveries?status=pending');
      return waiting.deliveries.length === 0;
    }, 'all to be noted');
    const turns = there.seen.map(({ body }) => String(JSON.parse(body).data.turn_id));
    expect([...new Set(turns)].sort()).toEqual([...captured].sort());
    expect(there.seen.length - TURNS).toBeLessThanOrEqual(UNDER_WAY);
    const byId = new Map(there.seen.map((one) => [idOf(one), one.body]));
    expect(there.seen.every((one) => byId.get(idOf(one)) === one.body)).toBe(true);
  });

  it('that has none costs a capture nothing: no event is stored', async () => {
    for (const { endpoint_id } of (
      await ask<{ webhooks: { endpoint_id: string }[] }>('GET', '/endpoints')
    ).webhooks) {
      await ask('DELETE', `/endpoints/${endpoint_id}`);
    }
    const sql = 'select count(*) from webhook_events';
    const before = (await server.call('run_sql', { sql })).rows;
    await server.call('capture_user_query', { query: 'Who is told?' });
    expect((await server.call('run_sql', { sql })).rows).toEqual(before);
  });
});
