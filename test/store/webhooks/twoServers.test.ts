import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../../src/server/database/database.ts';
import { openDatabase } from '../../../src/server/database/open.ts';
import { emit } from '../../../src/server/webhooks/service.ts';
import { keepingLog, newHome, type Opened, openEmpty } from '../support.ts';
import { newEndpoint, receiver, sending, until } from './support.ts';

const EVENTS = 300;

function happen(db: Database, numbers: number[]): Promise<void> {
  const at = new Date().toISOString();
  return db.write((tx) =>
    emit(tx, 'integration.unhealthy', () =>
      numbers.map((number) => ({ at, project_id: null, session_id: null, data: { number } })),
    ),
  );
}
const count = async (db: Database, status: 'pending' | 'delivered') =>
  (
    await db.read
      .selectFrom('webhook_deliveries')
      .select('delivery_id')
      .where('status', '=', status)
      .execute()
  ).length;
const upTo = (most: number) => Array.from({ length: most }, (_, number) => number);

describe('two servers on one PostgreSQL', () => {
  let one: Opened;
  let other: Database;
  let otherHome: Awaited<ReturnType<typeof newHome>>;
  beforeAll(async () => {
    one = await openEmpty('postgres');
    otherHome = await newHome();
    other = await openDatabase({ home: otherHome, dsn: one.dsn, env: {}, log: keepingLog() });
  });
  afterAll(async () => {
    await other?.close();
    await one?.end();
    await otherHome?.remove();
  });

  test('share what waits, and send nothing twice', async () => {
    const there = await receiver();
    await newEndpoint(one.db, there.url);
    await happen(one.db, upTo(EVENTS));
    const senders = [sending(one.db), sending(other)];
    await until('all have arrived', async () => (await count(one.db, 'delivered')) === EVENTS);
    await Promise.all(senders.map((sender) => sender.stop()));
    expect(there.got).toHaveLength(EVENTS);
    expect(new Set(there.got.map(({ id }) => id)).size).toBe(EVENTS);
    expect(new Set(there.got.map(({ body }) => body.data.number)).size).toBe(EVENTS);
    await there.close();
    const { endpoint_id } = await one.db.read
      .selectFrom('webhook_endpoints')
      .select('endpoint_id')
      .executeTakeFirstOrThrow();
    await one.db.write((tx) => tx.delete('webhook_endpoints', 'endpoint_id', [endpoint_id]));
  });

  test('keep the order of an endpoint that asks for it, whichever sends', async () => {
    const there = await receiver(({ body }, nth) => ({
      status: Number(body.data.number) % 10 === 0 && nth < 2 ? 500 : 200,
    }));
    await newEndpoint(one.db, there.url, { settings: { ordered: true } });
    // The second server finds out of the endpoint by itself.
    await new Promise((done) => setTimeout(done, 2_100));
    await happen(other, upTo(40));
    const senders = [sending(one.db), sending(other)];
    await until('all have arrived', async () => (await count(one.db, 'pending')) === 0, 60_000);
    await Promise.all(senders.map((sender) => sender.stop()));
    const arrived = there.got.filter(
      ({ id }, at) => there.got.findIndex((g) => g.id === id) === at,
    );
    expect(arrived.map(({ body }) => body.data.number)).toEqual(upTo(40));
    expect(there.got).toHaveLength(44);
    await there.close();
  }, 90_000);

  test('send what a server that died had claimed, when its claim has run out', async () => {
    const there = await receiver();
    const { endpoint_id } = await newEndpoint(one.db, there.url, { name: 'claimed' });
    await new Promise((done) => setTimeout(done, 2_100));
    await happen(one.db, [1, 2]);
    const past = new Date(Date.now() - 1_000).toISOString();
    const future = new Date(Date.now() + 60_000).toISOString();
    const ids = await one.db.read
      .selectFrom('webhook_deliveries')
      .select('delivery_id')
      .where('endpoint_id', '=', endpoint_id)
      .orderBy('event_id')
      .execute();
    const claims = [past, future].map((claimed_until) => ({ claimed_by: 'dead', claimed_until }));
    await one.db.write(async (tx) => {
      for (const [at, { delivery_id }] of ids.entries()) {
        await tx.update('webhook_deliveries', { delivery_id }, claims[at] ?? {});
      }
    });
    const sender = sending(other);
    await until('the one that is free has come', () => there.got.length === 1);
    await new Promise((done) => setTimeout(done, 1_500));
    await sender.stop();
    expect(there.got.map(({ body }) => body.data.number)).toEqual([1]);
    await there.close();
  });
});
