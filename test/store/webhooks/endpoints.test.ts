import { afterEach, describe, expect, test } from 'vitest';
import { WEBHOOK_DISABLED_AFTER_DAYS, WEBHOOK_KEPT_DAYS } from '../../../src/contracts/webhooks.ts';
import type { Database } from '../../../src/server/database/database.ts';
import { deliveryById, listDeliveries } from '../../../src/server/webhooks/deliveries.ts';
import { forgetOld } from '../../../src/server/webhooks/housekeeping.ts';
import { emit, emitHealth } from '../../../src/server/webhooks/service.ts';
import { listWebhooks } from '../../../src/server/webhooks/store.ts';
import { type Opened, openEmpty } from '../support.ts';
import { newEndpoint, receiver, sending, until, verified } from './support.ts';

const DAY_MS = 86_400_000;
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function opened(): Promise<Opened> {
  const one = await openEmpty('memory');
  ends.push(one.end);
  return one;
}
async function listening(...given: Parameters<typeof receiver>) {
  const one = await receiver(...given);
  ends.push(one.close);
  return one;
}
function started(...given: Parameters<typeof sending>) {
  const one = sending(...given);
  ends.push(() => one.stop());
  return one;
}

/** Something that happens, with a number to know it by. */
function happens(db: Database, number: number, at = new Date().toISOString()): Promise<void> {
  return db.write((tx) =>
    emit(tx, 'integration.unhealthy', () => [
      { at, project_id: null, session_id: null, data: { number } },
    ]),
  );
}
async function statuses(db: Database): Promise<string[]> {
  const rows = await db.read
    .selectFrom('webhook_deliveries')
    .select('status')
    .orderBy('event_id')
    .execute();
  return rows.map((row) => row.status);
}
const settled = (db: Database) => async () => !(await statuses(db)).includes('pending');
const numbers = (there: Awaited<ReturnType<typeof receiver>>) =>
  there.got.map(({ body }) => body.data.number);

describe('an endpoint', () => {
  test('that fails for five days is switched off, told of, and replayed when it is on again', async () => {
    const { db } = await opened();
    const dead = await listening(() => ({ status: 500 }));
    const other = await listening();
    const { endpoint_id } = await newEndpoint(db, dead.url, { name: 'dead' });
    await newEndpoint(db, other.url, { name: 'other', event_types: ['webhook.disabled'] });
    const clock = { ahead: 0 };
    const notes: Record<string, unknown>[] = [];
    const webhooks = started(db, {
      now: () => Date.now() + clock.ahead,
      schedule: [0, 10],
      audit: { add: async ({ detail }) => void notes.push(detail) },
    });
    await happens(db, 1);
    await until('the first has failed', settled(db));
    expect((await webhooks.get(endpoint_id)).failing_since).not.toBeNull();
    clock.ahead = (WEBHOOK_DISABLED_AFTER_DAYS - 1) * DAY_MS;
    await happens(db, 2);
    await until('the second has failed', settled(db));
    expect((await webhooks.get(endpoint_id)).enabled).toBe(true);
    clock.ahead = (WEBHOOK_DISABLED_AFTER_DAYS + 1) * DAY_MS;
    await happens(db, 3);
    await until('the other is told', () => other.got.length === 1);
    const off = await webhooks.get(endpoint_id);
    expect(off).toMatchObject({
      enabled: false,
      disabled_reason: expect.stringContaining('5 days'),
    });
    expect(other.got[0]?.body.data).toMatchObject({ endpoint_id, name: 'dead' });
    expect(webhooks.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', message: 'a webhook was switched off' }),
    );
    expect(notes).toEqual([{ action: 'disable', reason: off.disabled_reason }]);

    await happens(db, 4);
    const asked = dead.got.length;
    dead.answers(() => ({ status: 200 }));
    const since = new Date(Date.now() - DAY_MS).toISOString();
    await expect(webhooks.replayPeriod(endpoint_id, { since })).rejects.toThrow('switched off');
    await webhooks.update(endpoint_id, { enabled: true }, 'someone');
    expect(await webhooks.replayPeriod(endpoint_id, { since })).toBe(5);
    await until('all have arrived', settled(db));
    expect(numbers(dead).slice(asked).filter(Boolean).sort()).toEqual([1, 2, 3, 4]);
    expect((await webhooks.get(endpoint_id)).failing_since).toBeNull();
    expect(await webhooks.replayPeriod(endpoint_id, { since })).toBe(0);
    expect(await webhooks.replayPeriod(endpoint_id, { since, all: true })).toBe(5);
  });

  test('that says it is gone is switched off at once', async () => {
    const { db } = await opened();
    const gone = await listening(() => ({ status: 410 }));
    const { endpoint_id } = await newEndpoint(db, gone.url);
    const webhooks = started(db);
    await happens(db, 1);
    await until('it is off', async () => !(await webhooks.get(endpoint_id)).enabled);
    expect(await statuses(db)).toEqual(['failed']);
    expect(gone.got).toHaveLength(1);
  });

  test('gets its events in order when it asks for that, however they fail', async () => {
    const { db } = await opened();
    const there = await listening(({ body }, nth) => ({
      status: Number(body.data.number) % 3 === 0 && nth < 3 ? 500 : 200,
    }));
    await newEndpoint(db, there.url, { settings: { ordered: true } });
    for (let number = 0; number < 9; number += 1) await happens(db, number);
    started(db);
    await until('all have arrived', settled(db));
    expect(numbers(there)).toEqual([0, 0, 0, 1, 2, 3, 3, 3, 4, 5, 6, 6, 6, 7, 8]);
  });

  test('waits as long as it is asked to', async () => {
    const { db } = await opened();
    const there = await listening((_, nth) =>
      nth === 1 ? { status: 429, headers: { 'retry-after': '2' } } : { status: 200 },
    );
    await newEndpoint(db, there.url);
    started(db, { schedule: [0, 10] });
    await happens(db, 1);
    await until('it has arrived', settled(db));
    const [first, second] = there.got;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1_900);
  });

  test('is connected to only where it may be', async () => {
    const { db } = await opened();
    const there = await listening();
    await newEndpoint(db, there.url, { settings: { allow_addresses: [] } });
    started(db, { schedule: [0] });
    await happens(db, 1);
    await until('it was refused', settled(db));
    expect(there.got).toEqual([]);
    const { deliveries } = await listDeliveries(db.read, {});
    expect(deliveries[0]?.last_attempt?.error).toContain('not allowed');
    await expect(newEndpoint(db, 'http://example.com/hook')).rejects.toThrow('Plain http');
  });

  test('gets what passes its filter, and the fields that it chose', async () => {
    const { db } = await opened();
    const there = await listening();
    await newEndpoint(db, there.url, { settings: { filter: { number: [2, 3] } } });
    await newEndpoint(db, there.url, {
      event_types: ['integration.recovered'],
      settings: { fields: ['integration_id', 'after'] },
    });
    started(db);
    for (const number of [1, 2, 3, 4]) await happens(db, number);
    const change = { integration_id: 'ci', name: 'CI', error: null, at: new Date().toISOString() };
    await db.write((tx) => emitHealth(tx, { ...change, before: 'unknown', after: 'healthy' }));
    await db.write((tx) => emitHealth(tx, { ...change, before: 'down', after: 'healthy' }));
    await until('three have come', settled(db));
    expect(there.got.map(({ body }) => body.data)).toEqual(
      expect.arrayContaining([
        { number: 2 },
        { number: 3 },
        { integration_id: 'ci', after: 'healthy' },
      ]),
    );
    expect(there.got).toHaveLength(3);
  });
});

describe('secrets', () => {
  test('of before and now both sign for a while', async () => {
    const { db } = await opened();
    const there = await listening();
    const made = await newEndpoint(db, there.url);
    const clock = { ahead: 0 };
    const webhooks = started(db, { now: () => Date.now() + clock.ahead });
    const rotated = await webhooks.rotate(made.endpoint_id, 1, 'someone');
    const [now, before] = rotated.secrets.map(({ secret }) => secret);
    expect(before).toBe(made.secrets[0]?.secret);
    expect(now).not.toBe(before);
    await happens(db, 1);
    await until('it has come', () => there.got.length === 1);
    const [first] = there.got;
    if (!first || !now || !before) throw new Error('nothing came');
    expect(verified(now, first)).toEqual(first.body);
    expect(verified(before, first)).toEqual(first.body);
    clock.ahead = 2 * 3_600_000;
    await happens(db, 2);
    await until('the second has come', () => there.got.length === 2);
    expect(there.got[1]?.headers['webhook-signature']?.split(' ')).toHaveLength(1);
    const [one] = await listWebhooks(db.read);
    expect(one?.secrets.map(({ secret }) => secret)).toEqual([now, before]);
  });
});

describe('deliveries', () => {
  test('are listed, shown with their attempts, replayed, and forgotten when they are old', async () => {
    const { db } = await opened();
    const there = await listening((_, nth) => ({ status: nth === 1 ? 500 : 200 }));
    const { endpoint_id } = await newEndpoint(db, there.url);
    const webhooks = started(db);
    for (const number of [1, 2, 3]) await happens(db, number);
    await until('all have arrived', settled(db));
    const first = await listDeliveries(db.read, { limit: 2 });
    const second = await listDeliveries(db.read, { limit: 2, cursor: first.next_cursor ?? '' });
    expect([first.deliveries.length, second.deliveries.length]).toEqual([2, 1]);
    expect(second.next_cursor).toBeNull();
    expect((await listDeliveries(db.read, { status: 'failed' })).deliveries).toEqual([]);
    const id = second.deliveries[0]?.delivery_id ?? '';
    const detail = await deliveryById(db.read, id);
    expect(detail.data).toEqual({ number: 1 });
    expect(detail.attempt_log.map(({ status, response }) => [status, response])).toEqual([
      [200, 'answer 200'],
      [500, null],
    ]);
    await webhooks.replay(id);
    await until('it came again', () => there.got.length === 7);
    expect(there.got[6]?.id).toBe(detail.event_id);
    await until('it is noted', settled(db));
    expect((await deliveryById(db.read, id)).attempt_log).toHaveLength(3);
    await expect(webhooks.replay(`${endpoint_id}.${endpoint_id}`)).rejects.toThrow('no delivery');

    const test = await webhooks.test(endpoint_id, new AbortController().signal);
    expect(test).toMatchObject({ event_type: 'webhook.test', status: 'failed', attempts: 1 });

    const signal = new AbortController().signal;
    expect(await forgetOld(db, Date.now() + (WEBHOOK_KEPT_DAYS - 1) * DAY_MS, signal)).toBe(0);
    expect(await forgetOld(db, Date.now() + (WEBHOOK_KEPT_DAYS + 1) * DAY_MS, signal)).toBe(8);
    expect(await webhooks.remove(endpoint_id, 'someone')).toBe(true);
    expect(await webhooks.remove(endpoint_id, 'someone')).toBe(false);
  });
});
