import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { homeLayout } from '../../src/contracts/home.ts';
import type { Database } from '../../src/server/database/database.ts';
import { openDatabase } from '../../src/server/database/open.ts';
import { indexOf, makeOld, orphans } from '../store/memoryRows.ts';
import { keepingLog } from '../store/support.ts';
import { emptyDatabase } from '../support/postgres.ts';
import {
  makeHome,
  removeHome,
  startTestServer,
  type TestServer,
  until,
} from '../support/server.ts';

const context = { project: { key: 'name:work', name: 'work' } };
const SESSIONS = 24;
const LINES = 40;
const NAMES = Array.from({ length: SESSIONS }, (_, n) => `zebra${String.fromCharCode(97 + n)}q`);

let home: string;
let dsn: string | undefined;
let end: () => Promise<void>;
let server: TestServer | undefined;

async function start(): Promise<TestServer> {
  const env = dsn ? { POSTGRES_DSN: dsn } : {};
  server = await startTestServer({ home, env });
  return server;
}

/** Works on the database itself while no server has it. */
async function inside<R>(work: (database: Database) => Promise<R>): Promise<R> {
  const layout = homeLayout({ TURNKEEP_HOME: home });
  const database = await openDatabase({ home: layout, dsn, env: {}, log: keepingLog() });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** Stores the sessions; gives their ids by name. */
async function fill(to: TestServer): Promise<Map<string, string>> {
  for (const name of NAMES) {
    const lines = Array.from({ length: LINES }, (_, n) => ({
      ...{ session: name, project: 'work', occurrence: 1 },
      role: n % 2 === 0 ? ('user' as const) : ('assistant' as const),
      content: n % 2 === 0 ? `Which ${name} in ${n}?` : `We will use ${name} for ${n}.`,
    }));
    await to.call('import_messages', { lines }, context);
  }
  const sql = 'select external_id, session_id from conversation_sessions';
  const { rows } = await to.call('run_sql', { sql });
  return new Map(rows.map(([name, id]) => [String(name), String(id)]));
}

async function told(by: TestServer, query: string): Promise<string> {
  const answer = await by.call(
    'query_memory',
    {
      ...{ query, project: '*', limit: 100, max_tokens: 20_000 },
      systems: ['ltst', 'cursor', 'cli', 'prime'],
    },
    context,
  );
  return JSON.stringify({ ...answer, query: '' });
}

async function expectWhole() {
  await inside(async (database) => {
    const { kept, counted } = await indexOf(database);
    expect(kept).toEqual(counted);
    expect(await orphans(database)).toBe(0);
  });
}

describe.each(['pglite', 'postgres'])('kill -9 (%s)', (engine) => {
  beforeEach(async () => {
    home = await makeHome();
    const made = engine === 'postgres' ? await emptyDatabase() : undefined;
    dsn = made?.dsn;
    end = async () => {
      await server?.stop('SIGKILL');
      await made?.stop();
      await removeHome(home);
    };
  });
  afterEach(() => end());

  it('during deletes: what was acknowledged stays deleted, the rest is whole', async () => {
    let running = await start();
    const ids = await fill(running);
    const gone: string[] = [];
    for (const count of [3, 5]) {
      const names = NAMES.filter((name) => !gone.includes(name)).slice(0, 8);
      const killed = running;
      const deleting = names.map(async (name) => {
        await killed.call('delete_conversations', { session_id: ids.get(name) ?? '' }, context);
        gone.push(name);
        if (gone.length >= count) void killed.stop('SIGKILL');
      });
      await Promise.allSettled(deleting);
      await killed.stop('SIGKILL');
      running = await start();
      for (const name of gone) expect(await told(running, name)).not.toContain(name);
      for (const name of names.filter((one) => !gone.includes(one))) {
        // Not acknowledged: all of it is gone, or nothing.
        const { ltst } = await running.call(
          'query_memory',
          { query: name, project: '*', limit: 100 },
          context,
        );
        const found = ltst?.items.filter(({ content }) => content.includes(name)).length;
        expect([0, LINES]).toContain(found);
      }
    }
    expect(gone.length).toBeGreaterThanOrEqual(5);
    await running.stop();
    await expectWhole();
  });

  it('during a re-index, with deletes: it goes on at the next start', async () => {
    const ids = await fill(await start());
    await server?.stop();
    const gone: string[] = [];
    for (const round of [0, 1]) {
      await inside(makeOld);
      const running = await start();
      const name = NAMES[round] ?? '';
      await running.call('delete_conversations', { session_id: ids.get(name) ?? '' }, context);
      gone.push(name);
      await running.stop('SIGKILL');
      const again = await start();
      for (const word of gone) expect(await told(again, word)).not.toContain(word);
      const kept = NAMES[SESSIONS - 1 - round] ?? '';
      expect(await told(again, kept)).toContain(kept);
      await until(async () => {
        const sql = 'select count(*) from memory_index where tokeniser > 0';
        const { rows } = await again.call('run_sql', { sql });
        return Number(rows[0]?.[0]) === (SESSIONS - gone.length) * LINES;
      }, 'the end of the re-index');
      await again.stop();
      await expectWhole();
    }
  });
});
