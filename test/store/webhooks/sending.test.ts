import { afterEach, describe, expect, test } from 'vitest';
import { type WebhookEventType, webhookEventTypes } from '../../../src/contracts/webhookEvents.ts';
import {
  captureQuery,
  captureResponse,
  captureTurns,
} from '../../../src/server/conversations/capture.ts';
import { closeCurrentSession } from '../../../src/server/conversations/sessions.ts';
import type { Database } from '../../../src/server/database/database.ts';
import { engines, type Opened, openEmpty } from '../support.ts';
import { newEndpoint, receiver, sending, until, verified } from './support.ts';

const source = () => ({
  person: 'someone',
  context: { client: 'cli', origin: 'cli' },
  at: new Date().toISOString(),
  eventId: undefined,
});
const ask = (db: Database, content = 'Why is the sky blue?') =>
  captureQuery(db, source(), { content, metadata: { model: 'some-model' }, thread: null });

async function statuses(db: Database): Promise<string[]> {
  const rows = await db.read.selectFrom('webhook_deliveries').select('status').execute();
  return rows.map((row) => row.status);
}

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function opened(engine: (typeof engines)[number] = 'memory'): Promise<Opened> {
  const one = await openEmpty(engine);
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

describe.each(engines)('webhooks on %s', (engine) => {
  test('a captured turn is sent, signed, without what was said', async () => {
    const { db } = await opened(engine);
    const there = await listening();
    const { secrets } = await newEndpoint(db, there.url);
    started(db);
    const { turn_id, session_id } = await ask(db);
    await until('the question is sent', () => there.got.length === 1);
    const [got] = there.got;
    if (!got) throw new Error('nothing came');
    expect(verified(secrets[0]?.secret ?? '', got)).toEqual(got.body);
    expect(got.body).toMatchObject({
      id: got.id,
      type: 'turn.captured',
      data: {
        ...{ turn_id, session_id, change: 'added', answered: false, model: 'some-model' },
        ...{ query_characters: 20, response_characters: 0 },
      },
    });
    expect(got.raw).not.toContain('sky');
    await until('it is noted', async () => (await statuses(db))[0] === 'delivered');

    await captureResponse(db, source(), { content: 'Rayleigh.', metadata: {}, turnId: turn_id });
    await closeCurrentSession(db, 'someone', source().context);
    await until('answer and end are sent', () => there.got.length === 3);
    const types = there.got.map(({ body }) => [body.type, body.data.change ?? null]);
    expect(types).toContainEqual(['turn.captured', 'completed']);
    expect(types).toContainEqual(['session.closed', null]);
    for (const { body } of there.got) {
      const type = body.type as WebhookEventType;
      expect(webhookEventTypes[type].data.strict().parse(body.data)).toEqual(body.data);
    }
  });

  test('what failed is tried again with the same id, and then given up', async () => {
    const { db } = await opened(engine);
    const there = await listening((_, nth) => ({ status: nth < 3 ? 503 : 200 }));
    const deaf = await listening(() => ({ status: 302, headers: { location: there.url } }));
    await newEndpoint(db, there.url);
    await newEndpoint(db, deaf.url);
    started(db);
    await ask(db);
    await until('both are done', async () => !(await statuses(db)).includes('pending'));
    expect((await statuses(db)).sort()).toEqual(['delivered', 'failed']);
    expect(there.got).toHaveLength(3);
    expect(deaf.got).toHaveLength(4);
    expect(new Set(there.got.map(({ id }) => id)).size).toBe(1);
    const rows = await db.read
      .selectFrom('webhook_deliveries')
      .select(['attempts', 'last_attempt'])
      .where('status', '=', 'failed')
      .execute();
    const earlier = [{ status: 302 }, { status: 302 }, { status: 302 }];
    expect(rows[0]).toMatchObject({ attempts: 4, last_attempt: { status: 302, earlier } });
  });
});

describe('the outbox', () => {
  test('nothing is stored when the write fails, and nothing when nobody wants it', async () => {
    const { db } = await opened();
    await ask(db);
    const events = () => db.read.selectFrom('webhook_events').select('event_type').execute();
    expect(await events()).toEqual([]);
    const there = await listening();
    await newEndpoint(db, there.url, { event_types: ['session.closed'] });
    await ask(db);
    expect(await events()).toEqual([]);
    await newEndpoint(db, there.url, { event_types: ['turn.captured'] });
    const turn = { query: 'a', response: 'b', metadata: {}, eventId: undefined };
    const large = { ...turn, response: 'x'.repeat(9 * 1024 * 1024) };
    await expect(captureTurns(db, source(), [turn, large], null)).rejects.toThrow('MiB');
    expect(await events()).toEqual([]);
    await captureTurns(db, source(), [turn, turn], null);
    expect(await events()).toHaveLength(2);
  });

  test('text leaves when it was chosen, and not after it was deleted', async () => {
    const { db } = await opened();
    const there = await listening();
    await newEndpoint(db, there.url, {
      settings: { fields: ['turn_id', 'query', 'response', 'project'] },
    });
    const { turn_id } = await ask(db);
    await captureResponse(db, source(), { content: 'Rayleigh.', metadata: {}, turnId: turn_id });
    const sender = started(db);
    await until('it is sent', () => there.got.length === 2);
    expect(there.got.map(({ body }) => body.data)).toEqual([
      { turn_id, query: 'Why is the sky blue?', response: 'Rayleigh.', project: 'default' },
      { turn_id, query: 'Why is the sky blue?', response: 'Rayleigh.', project: 'default' },
    ]);
    await sender.stop();
    const other = await ask(db, 'A secret plan');
    await db.write((tx) => tx.delete('conversation_messages', 'turn_id', [other.turn_id]));
    started(db);
    await until('that of the deleted one is sent', () => there.got.length === 3);
    expect(there.got[2]?.body.data).toEqual({ turn_id: other.turn_id, deleted: true });
  });
});
