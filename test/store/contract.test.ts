import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrations } from '../../src/server/database/migrations/all.ts';
import { indexMessages } from '../../src/server/memory/service.ts';
import { countMessages, engines, message, newPlace, type Opened, openEmpty } from './support.ts';

const RECENT = `SELECT cs.session_id, cm.message_type, LEFT(cm.content, 100) AS content_preview, cm.created_at
    FROM conversation_messages cm JOIN conversation_sessions cs ON cm.session_id = cs.session_id
    WHERE cm.created_at > NOW() - INTERVAL '1 hour' ORDER BY cm.created_at DESC;`;

describe.each(engines)('%s', (engine) => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openEmpty(engine);
  });
  afterAll(() => opened?.end());

  test('is empty, migrated and without drift', async () => {
    const status = await opened.db.status();
    expect(status).toMatchObject({
      engine,
      state: 'ok',
      drift: [],
      error: null,
      last_backup: null,
    });
    expect(status.migrations).toEqual({ applied: Object.keys(migrations), pending: [] });
    expect(status.latency_ms).toBeGreaterThan(0);
    expect(status.size_bytes).toBeGreaterThan(1_000_000);
    expect(await opened.db.migrate()).toEqual({ applied: [], pending: [] });
  });

  test('gives values back the same on every engine', async () => {
    const { db } = opened;
    const place = await newPlace(db);
    const exact = message(place, 1, {
      content: 'naïve ünïcödé 漢字 👩‍💻 \u2028 "quotes" \\ $1 %s',
      created_at: '2023-05-08T15:56:00.123456+02:00',
      metadata: JSON.stringify({ nested: { list: [1, 'two', null] }, nul: '\u0000' }) as never,
      event_id: `event-${randomUUID()}`,
      model: 'some-model',
    });
    const plain = message(place, 2, { created_at: '2023-05-08 13:56:00' });
    await db.write((tx) => tx.insert('conversation_messages', [exact, plain]));
    const rows = await db.read
      .selectFrom('conversation_messages')
      .selectAll()
      .where('session_id', '=', place.session_id)
      .orderBy('position')
      .execute();
    expect(rows[0]).toMatchObject({
      content: exact.content,
      created_at: '2023-05-08T13:56:00.123456Z',
      metadata: { nested: { list: [1, 'two', null] }, nul: '\u0000' },
      position: 1,
      dated: true,
      answered: false,
      content_exact: null,
    });
    expect(rows[1]?.created_at).toBe('2023-05-08T13:56:00.000Z');
    const numbers = await sql`select 9007199254740991::int8 as a, 1.50::numeric as b,
      count(*) as c, '2024-02-29'::date as d, true as e from projects where false`.execute(db.read);
    expect(numbers.rows).toEqual([
      { a: 9007199254740991, b: '1.50', c: 0, d: '2024-02-29', e: true },
    ]);
  });

  test('stores what it says in order, and leaves rows that are there', async () => {
    const { db } = opened;
    const place = await newPlace(db);
    const first = message(place, 1);
    await db.write(async (tx) => {
      await tx.insert('conversation_messages', [first, message(place, 2)]);
      await tx.insert('conversation_messages', [{ ...first, content: 'other' }]);
      await tx.update(
        'conversation_messages',
        { message_id: String(first.message_id) },
        { answered: true },
      );
      const seen = await tx.read
        .selectFrom('conversation_messages')
        .select(['content', 'answered'])
        .where('message_id', '=', first.message_id)
        .executeTakeFirst();
      expect(seen).toEqual({ content: 'message 1', answered: true });
    });
    const deleted = await db.write((tx) =>
      tx.delete('conversation_messages', 'session_id', [place.session_id, randomUUID()]),
    );
    expect(deleted).toBe(2);
  });

  test('stores nothing of a write that throws, and passes the error on', async () => {
    const { db } = opened;
    const place = await newPlace(db);
    const before = await countMessages(db);
    const failure = new Error('changed my mind');
    await expect(
      db.write(async (tx) => {
        await tx.insert('conversation_messages', [message(place, 1)]);
        throw failure;
      }),
    ).rejects.toBe(failure);
    expect(await countMessages(db)).toBe(before);
  });

  test('keeps its constraints, with the SQLSTATE', async () => {
    const { db } = opened;
    const place = await newPlace(db);
    const insert = (more: Parameters<typeof message>[2], position = 1) =>
      db.write((tx) => tx.insert('conversation_messages', [message(place, position, more)]));
    await insert({ event_id: `once-${place.session_id}` });
    await expect(insert({})).rejects.toMatchObject({ code: '23505' });
    await expect(insert({ event_id: `once-${place.session_id}` }, 2)).rejects.toMatchObject({
      code: '23505',
    });
    await expect(insert({}, 0)).rejects.toMatchObject({ code: '23514' });
    await expect(insert({ message_type: 'system' as never }, 3)).rejects.toMatchObject({
      code: '23514',
    });
    await expect(insert({ metadata: '[]' as never }, 3)).rejects.toMatchObject({ code: '23514' });
    await expect(insert({ thread_id: randomUUID() }, 3)).rejects.toMatchObject({ code: '23503' });
    await insert({}, 3);
  });

  test('one open session a person, project and origin; a long project key', async () => {
    const { db } = opened;
    const place = await newPlace(db);
    const session = await db.read
      .selectFrom('conversation_sessions')
      .selectAll()
      .where('session_id', '=', place.session_id)
      .executeTakeFirstOrThrow();
    const second = { ...session, session_id: randomUUID() };
    const add = () => db.write((tx) => tx.insert('conversation_sessions', [second]));
    await expect(add()).rejects.toMatchObject({ code: '23505' });
    await db.write((tx) =>
      tx.update(
        'conversation_sessions',
        { session_id: place.session_id },
        { status: 'closed', closed_at: session.created_at },
      ),
    );
    await add();
    const key = Array.from({ length: 1024 }, (_, i) => String.fromCodePoint(0x20000 + i * 7)).join(
      '',
    );
    const project = { project_id: randomUUID(), key, name: 'long', root: null };
    await db.write((tx) => tx.insert('projects', [{ ...project, created_at: session.created_at }]));
  });

  test('writes at once from many, none lost', async () => {
    const { db } = opened;
    const places = await Promise.all(Array.from({ length: 8 }, () => newPlace(db)));
    const before = await countMessages(db);
    await Promise.all(
      places.map(async (place) => {
        for (let n = 1; n <= 20; n++) {
          await db.write((tx) => tx.insert('conversation_messages', [message(place, n)]));
        }
      }),
    );
    expect(await countMessages(db)).toBe(before + 160);
  });

  test('says so when a write asks for a second session, instead of waiting for ever', async () => {
    const { db } = opened;
    const work = db.write(() => db.read.selectFrom('projects').selectAll().execute());
    await expect(work).rejects.toThrow(/use its transaction/);
    await expect(db.write(() => db.write(async () => 1))).rejects.toThrow(/use its transaction/);
  });

  test('takes messages of 8 MiB of any text, and finds by their words', async () => {
    const { db } = opened;
    const place = await newPlace(db);
    const size = 8 * 1024 * 1024;
    const random = () => Math.random().toString(36).slice(2, 10);
    const texts = [
      'a'.repeat(size),
      '👩'.repeat(size / 4),
      Array.from({ length: size / 9 }, random).join(' '),
      // What makes most of few bytes: words of four-byte letters, whole and in parts.
      Array.from({ length: 60_000 }, (_, i) => String.fromCodePoint(0x20000 + (i % 40_000))).join(
        '-',
      ),
      Array.from({ length: 60_000 }, (_, i) => String.fromCodePoint(0x20000 + (i % 40_000))).join(
        ' ',
      ),
      Array.from({ length: 9_000 }, (_, i) => `${random()}.${random()}.org/${i}`).join(' '),
      Array.from({ length: 50_000 }, (_, i) => `x${i}@y${i}.z${i}.com`).join(' '),
      Array.from({ length: 50_000 }, (_, i) => `/a${i}/b-${i}_c`).join(''),
      'rare-needle-word in the haystack',
    ];
    for (const [index, content] of texts.entries()) {
      const row = message(place, index + 1, { content });
      await db.write(async (tx) => {
        await tx.insert('conversation_messages', [row]);
        await indexMessages(tx, [row]);
      });
    }
    const stored = await sql<{ position: number; bytes: number }>`
      select position, octet_length(content) as bytes from conversation_messages
      where session_id = ${place.session_id} order by position`.execute(db.read);
    expect(stored.rows.map((row) => row.bytes)).toEqual(
      texts.map((text) => Buffer.byteLength(text)),
    );
    const found = await sql<{ position: number }>`select position from memory_index
      where tokens @@ 'needl'::tsquery`.execute(db.read);
    expect(found.rows).toEqual([{ position: texts.length }]);
    await db.write((tx) => tx.delete('memory_index', 'session_id', [place.session_id]));
    await db.write((tx) => tx.delete('conversation_messages', 'session_id', [place.session_id]));
    await db.checkpoint();
  });

  test('runs the query of the manual', async () => {
    const { db } = opened;
    const place = await newPlace(db);
    await db.write((tx) => tx.insert('conversation_messages', [message(place, 1)]));
    const result = await db.runSql(RECENT, false);
    expect(result.columns).toEqual(['session_id', 'message_type', 'content_preview', 'created_at']);
    expect(result.rows[0]?.slice(0, 3)).toEqual([place.session_id, 'user', 'message 1']);
    expect(result.rows[0]?.[3]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00$/);
    expect(result).toMatchObject({ command: 'SELECT', row_count: result.rows.length });
  });

  test('runSql gives the text that PostgreSQL sends', async () => {
    const result = await opened.db.runSql(
      `select true, null, 1.10::numeric, '{"b":1, "a":2}'::json, array[1,2], '\\x00ff'::bytea, interval '1 day'`,
      false,
    );
    expect(result.rows).toEqual([
      ['t', null, '1.10', '{"b":1, "a":2}', '{1,2}', '\\x00ff', '1 day'],
    ]);
  });

  test.each([
    ['insert into projects values ($$p$$, $$k$$, $$n$$, null, now())', /read-only.*25006/],
    ['delete from projects', /read-only.*25006/],
    ['create table intruder (a int)', /read-only.*25006/],
    ['commit; delete from projects', /multiple commands.*42601/],
    ['select 1; select 2', /multiple commands.*42601/],
    ["select set_config('transaction_read_only', 'off', false)", /25001/],
    ['do $$ begin commit; delete from projects; end $$', /DO/],
    ['set session characteristics as transaction read write', null],
    ['set transaction read write', /25001/],
    ['commit', null],
    ['rollback', null],
    ['begin', null],
    ['set timezone = $$Asia/Tokyo$$', null],
    ['select pg_advisory_lock(7)', null],
    ['prepare leak as select 1', null],
    ['listen leak', null],
    ['copy projects to stdout', /COPY/],
    ['/* x */ -- y\n copy (select 1) to $$/tmp/intruder$$', /COPY/],
    ['selekt', /syntax error.*42601/],
  ])('runSql cannot be led out of read-only: %s', async (text, refusal) => {
    const { db } = opened;
    await newPlace(db);
    const run = db.runSql(text, false);
    if (refusal) {
      await expect(run).rejects.toMatchObject({
        code: 'invalid_request',
        message: expect.stringMatching(refusal),
      });
    } else {
      await run;
    }
    const left = await db.runSql(
      `select current_setting('timezone'), (select count(*) from pg_locks where locktype = 'advisory'),
        (select count(*) from pg_prepared_statements where name = 'leak'),
        to_regclass('intruder'), (select count(*) > 0 from projects),
        current_setting('transaction_read_only')`,
      false,
    );
    expect(left.rows).toEqual([['UTC', '0', '0', null, 't', 'on']]);
    await newPlace(db);
  });

  test('runSql writes when asked to', async () => {
    const { db } = opened;
    const place = await newPlace(db);
    const result = await db.runSql(
      `update projects set name = 'renamed' where project_id = '${place.project_id}'`,
      true,
    );
    expect(result).toEqual({ columns: [], rows: [], command: 'UPDATE', row_count: 1 });
    const refused = db.runSql(`insert into projects (project_id) values ('x')`, true);
    await expect(refused).rejects.toMatchObject({ message: expect.stringContaining('23502') });
    const found = await db.runSql(`select count(*) from projects where name = 'renamed'`, false);
    expect(found.rows).toEqual([['1']]);
  });

  test('lists drift after a change by hand', async () => {
    const { db } = opened;
    await db.runSql('alter table projects add column colour text default $$red$$', true);
    await db.runSql('drop index conversation_messages_model', true);
    await db.runSql('alter table conversation_sessions alter column source drop not null', true);
    expect((await db.status()).drift.sort()).toEqual([
      'column conversation_sessions.source is "text", expected "text not null"',
      'column projects.colour is not expected',
      'index conversation_messages_model is missing',
    ]);
  });
});
