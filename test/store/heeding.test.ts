import { sql } from 'kysely';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { statistics } from '../../src/server/conversations/statistics.ts';
import { engines, openEmpty } from './support.ts';

/** Some seconds of work for every engine. */
const SLOW = 'select count(*) from generate_series(1, 2000000) as a(n) where n % 7 = 3';

describe.each(engines)('reads of one caller on %s', (engine) => {
  it('are those of the database while nobody leaves', async () => {
    const { db, end } = await openEmpty(engine);
    const heeding = db.heeding(new AbortController().signal);
    expect(await statistics(heeding, 'me', {})).toEqual(await statistics(db, 'me', {}));
    expect((await heeding.runSql('select 7 as n', false)).rows).toEqual([['7']]);
    await expect(sql`select 1 / 0`.execute(heeding.read)).rejects.toThrow('division by zero');
    await end();
  });

  it('do not run once their signal is aborted, nor those that wait for the session', async () => {
    const { db, end } = await openEmpty(engine);
    await db.runSql('create sequence steps', true);
    const step = (reader: typeof db) => sql`select nextval('steps')`.execute(reader.read);
    const reason = new Error('gone');
    await expect(step(db.heeding(AbortSignal.abort(reason)))).rejects.toBe(reason);
    const controller = new AbortController();
    const heeding = db.heeding(controller.signal);
    await step(heeding);
    // As many as there are sessions, so that the next one waits on every engine.
    const slow = Array.from({ length: engine === 'postgres' ? 10 : 1 }, () =>
      db.runSql(SLOW, false),
    );
    const [waiting, written] = [step(heeding), heeding.runSql("select nextval('steps')", true)];
    const ends = Promise.allSettled([waiting, written]);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(written).rejects.toBe(reason);
    await Promise.all(slow);
    await ends;
    await expect(step(heeding)).rejects.toBe(reason);
    const { rows } = await db.runSql('select last_value, is_called from steps', false);
    expect(rows).toEqual([['1', 't']]);
    await end();
  });
});

describe('a statement under way on a PostgreSQL server', () => {
  it.each([
    ['read', (db: Reader) => sql`select pg_sleep(60)`.execute(db.read)],
    ['statement of the person', (db: Reader) => db.runSql('select pg_sleep(60)', false)],
    ['change of the person', (db: Reader) => db.runSql('select pg_sleep(60)', true)],
  ])('is cancelled when its caller leaves: a %s', async (_what, begin) => {
    const { db, dsn, end } = await openEmpty('postgres');
    // What `runSql` reads with may not see what others do.
    const watcher = new Client(dsn);
    await watcher.connect();
    const sleeping = async () => {
      const { rows } = await watcher.query(
        "select count(*)::int as n from pg_stat_activity where wait_event = 'PgSleep'",
      );
      return rows[0].n as number;
    };
    const controller = new AbortController();
    const reason = new Error('gone');
    const work = begin(db.heeding(controller.signal));
    const ended = expect(work).rejects.toBe(reason);
    await expect.poll(sleeping, { timeout: 10_000 }).toBe(1);
    controller.abort(reason);
    await ended;
    expect(await sleeping()).toBe(0);
    // Its session is as good as before.
    await Promise.all(Array.from({ length: 20 }, () => db.runSql('select 1', false)));
    await watcher.end();
    await end();
  });
});

type Reader = Awaited<ReturnType<typeof openEmpty>>['db'];
