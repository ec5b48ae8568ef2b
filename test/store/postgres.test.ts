import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkDsn, maskDsn, parseDsn } from '../../src/server/database/dsn.ts';
import { openDatabase } from '../../src/server/database/open.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { countMessages, keepingLog, message, newHome, newPlace } from './support.ts';

describe('a PostgreSQL server', () => {
  let server: TestPostgres;
  let home: Awaited<ReturnType<typeof newHome>>;
  beforeAll(async () => {
    server = await startPostgres();
    home = await newHome();
  });
  afterAll(async () => {
    await server?.stop();
    await home?.remove();
  });
  const open = (dsn: string, env: NodeJS.ProcessEnv = {}) =>
    openDatabase({ home, dsn, env, log: keepingLog() });

  test('several servers migrate one database at once', async () => {
    const dsn = await server.createDatabase();
    const databases = await Promise.all(Array.from({ length: 5 }, () => open(dsn)));
    for (const db of databases) {
      expect(await db.status()).toMatchObject({ state: 'ok', drift: [] });
    }
    const counts = await Promise.all(
      databases.map(async (db) => {
        const place = await newPlace(db);
        await db.write((tx) => tx.insert('conversation_messages', [message(place, 1)]));
        return countMessages(db);
      }),
    );
    expect(Math.max(...counts)).toBe(5);
    await Promise.all(databases.map((db) => db.close()));
  });

  test('reads the same whatever the server is set to', async () => {
    const dsn = await server.createDatabase();
    const setting = await open(dsn);
    const name = new URL(dsn).pathname.slice(1);
    await setting.runSql(`alter database ${name} set timezone = 'Asia/Kolkata'`, true);
    await setting.runSql(`alter database ${name} set datestyle = 'German'`, true);
    await setting.runSql(`alter database ${name} set bytea_output = 'escape'`, true);
    await setting.close();
    const db = await open(dsn);
    const place = await newPlace(db);
    const row = message(place, 1, { created_at: '2023-05-08T13:56:00Z' });
    await db.write((tx) => tx.insert('conversation_messages', [row]));
    const stored = await db.read
      .selectFrom('conversation_messages')
      .select('created_at')
      .executeTakeFirst();
    expect(stored?.created_at).toBe('2023-05-08T13:56:00.000Z');
    const shown = await db.runSql('select created_at from conversation_messages', false);
    expect(shown.rows).toEqual([['2023-05-08 13:56:00+00']]);
    await db.close();
  });

  test('says that the server is away, and works again when it is back', async () => {
    const dsn = await server.createDatabase();
    const db = await open(dsn);
    const place = await newPlace(db);
    const unfinished = db.write(async (tx) => {
      await tx.insert('conversation_messages', [message(place, 1)]);
      await server.halt();
      await tx.insert('conversation_messages', [message(place, 2)]);
    });
    const away = {
      code: 'database_unavailable',
      message: expect.stringMatching(/does not answer.*POSTGRES_DSN/),
    };
    await expect(unfinished).rejects.toMatchObject(away);
    await expect(db.read.selectFrom('projects').selectAll().execute()).rejects.toMatchObject(away);
    await expect(db.runSql('select 1', false)).rejects.toMatchObject(away);
    expect(await db.status()).toMatchObject({ state: 'unavailable', version: null });
    await expect(open(dsn)).rejects.toMatchObject(away);
    await server.start();
    await db.write((tx) => tx.insert('conversation_messages', [message(place, 3)]));
    expect(await countMessages(db)).toBe(1);
    expect(await db.status()).toMatchObject({ state: 'ok', error: null });
    await db.close();
  });

  test('takes a DSN of keys and values', async () => {
    const { hostname, port, pathname } = new URL(await server.createDatabase());
    const dsn = `host=${hostname} port=${port} user=postgres dbname='${pathname.slice(1)}'`;
    const db = await open(dsn);
    expect(await db.status()).toMatchObject({ state: 'ok', location: dsn });
    await db.close();
  });

  test('what the server refuses is said without the password', async () => {
    const wrong = server.dsn.replace(/postgres@/, 'nobody:hunter2@');
    const refusal = await open(wrong).catch((error: Error) => error);
    expect(refusal).toMatchObject({ code: 'database_unavailable' });
    expect(String(refusal)).toContain('nobody:***@');
    expect(String(refusal)).not.toContain('hunter2');
    await expect(open(server.dsn.replace(/postgres$/, 'absent'))).rejects.toMatchObject({
      code: 'database_unavailable',
    });
  });
});

test.each([
  ['postgres://me:hunter2@localhost:5432/db', 'postgres://me:***@localhost:5432/db'],
  ['postgres://me:hunter2@[::1]/db?sslmode=disable', 'postgres://me:***@[::1]/db?sslmode=disable'],
  ['postgresql://me@localhost/db', 'postgresql://me@localhost/db'],
  ['postgres://localhost:5432/db', 'postgres://localhost:5432/db'],
  ['postgres://me:hun@ter/2@localhost/db', 'postgres://me:***@localhost/db'],
  [
    'postgres://me@localhost/db?password=hunter2&a=b',
    'postgres://me@localhost/db?password=***&a=b',
  ],
  [
    'postgres://localhost/db?user=me&sslpassword=hunter2',
    'postgres://localhost/db?user=me&sslpassword=***',
  ],
  ['host=localhost password=hunter2 user=me', 'host=localhost password=*** user=me'],
  ["host=localhost PASSWORD = 'hun\\' ter2' user=me", 'host=localhost PASSWORD = *** user=me'],
  ["host=localhost password='hunter2", 'host=localhost password=***'],
  ['socket:///tmp?db=x&password=hunter2', 'socket:///tmp?db=x&password=***'],
])('masks %s', (dsn, masked) => {
  expect(maskDsn(dsn)).toBe(masked);
});

test.each([
  'postgres://me:secret@localhost/db',
  'postgres://127.0.0.1:5433/db',
  'postgres://127.1.2.3/db',
  'postgres://[::1]:5432/db',
  'postgres:///db?host=/var/run/postgresql',
  'host=/var/run/postgresql dbname=db',
  'host=localhost',
  '/var/run/postgresql db',
])('a database of this computer needs no permission: %s', (dsn) => {
  expect(() => checkDsn(dsn, {})).not.toThrow();
});

test.each([
  'postgres://me:secret@db.example.com/db',
  'postgres://192.168.1.4/db',
  'postgres://127.0.0.1.example.com/db',
  'postgres://localhost.example.com/db',
  'postgres://localhost/db?host=db.example.com',
  'host=db.example.com dbname=db',
  'host=localhost hostaddr=10.0.0.1 dbname=db',
  'postgres://0.0.0.0/db',
])('another computer needs permission: %s', (dsn) => {
  expect(() => checkDsn(dsn, {})).toThrowError(
    expect.objectContaining({
      code: 'remote_database_refused',
      message: expect.not.stringContaining('secret'),
    }),
  );
  expect(() => checkDsn(dsn, { TURNKEEP_ALLOW_REMOTE_DSN: '1' })).not.toThrow();
});

test('the driver would connect where the check looked', () => {
  const before = process.env.PGHOST;
  process.env.PGHOST = 'db.example.com';
  try {
    expect(() => checkDsn('postgres:///db', {})).toThrow(/another computer/);
    expect(() => checkDsn('dbname=db', {})).toThrow(/another computer/);
  } finally {
    if (before === undefined) delete process.env.PGHOST;
    else process.env.PGHOST = before;
  }
  expect(parseDsn("user=me password='a b\\'c' port=5433 dbname=d")).toEqual({
    user: 'me',
    password: "a b'c",
    port: 5433,
    database: 'd',
  });
});

test.each(['nonsense', 'host', 'postgres://me@lo calhost:x/db', 'password=hunter2 oops'])(
  'an unreadable DSN is refused without being shown: %s',
  async (dsn) => {
    const home = await newHome();
    const opening = openDatabase({ home, dsn, env: {}, log: keepingLog() });
    const refusal = await opening.catch((error: Error) => error);
    expect(refusal).toMatchObject({ code: expect.stringMatching(/invalid_request/) });
    expect(String(refusal)).not.toContain('hunter2');
    await home.remove();
  },
);
