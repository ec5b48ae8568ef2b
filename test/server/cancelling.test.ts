import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientOf } from '../support/api.ts';
import { connectMcp, eras } from '../support/mcp.ts';
import { emptyDatabase } from '../support/postgres.ts';
import { removeHome, startTestServer, type TestServer, until } from '../support/server.ts';

/* What the server does for a client that has left, seen from the database. */

let server: TestServer;
/** Two connections: within a transaction the activity of the others stays as it was seen first. */
let locker: Client;
let watcher: Client;
let end: () => Promise<void> = async () => {};
beforeAll(async () => {
  const database = await emptyDatabase();
  server = await startTestServer({ env: { POSTGRES_DSN: database.dsn } });
  [locker, watcher] = [new Client(database.dsn), new Client(database.dsn)];
  await Promise.all([locker.connect(), watcher.connect()]);
  end = async () => {
    await Promise.all([locker.end(), watcher.end()]);
    await database.stop();
  };
  await server.call('capture_turns', {
    turns: [{ query: 'Where do wombats sleep?', response: 'There.' }],
  });
});
afterAll(async () => {
  for (const client of clients) await client.close();
  await server.stop();
  await removeHome(server.home);
  await end();
});

/** Statements of the server that wait for a lock. */
async function waiting(): Promise<number> {
  const { rows } = await watcher.query(
    `select count(*)::int as n from pg_stat_activity
     where datname = current_database() and state = 'active' and wait_event_type = 'Lock'`,
  );
  return rows[0].n;
}

/** How often the server has counted an answer to a route. */
async function answered(route: string, status: number): Promise<number> {
  const text = await (await server.request('/metrics')).text();
  const line = text
    .split('\n')
    .find((one) => one.includes(`route="${route}"`) && one.includes(`status="${status}"`));
  return Number(line?.split(' ').pop() ?? 0);
}

/** Closed at the end: one that closes at once may take back that it cancelled. */
const clients: { close: () => Promise<void> }[] = [];

type Begin = (signal: AbortSignal) => Promise<unknown>;
const tool =
  (tool_name: string, args: object): Begin =>
  (signal) =>
    server.request('/mcp/tools/call', {
      ...{ method: 'POST', signal },
      body: JSON.stringify({ tool_name, arguments: args }),
    });
const found = { query: 'wombats', project: '*' };

/** The table that its work has to wait for, and the work. */
const works: [name: string, table: string, begin: Begin][] = [
  ['a search', 'memory_terms', tool('query_memory', found)],
  ['a search of its own words', 'memory_terms', tool('search_hot_memory', { query: 'wombats' })],
  ['an export', 'conversation_messages', tool('export_messages', {})],
  ['the statistics', 'conversation_messages', tool('get_conversation_stats', {})],
  ['the models', 'model_connections', tool('list_models', {})],
  ['a statement', 'projects', tool('run_sql', { sql: 'select * from projects' })],
  [
    'a search by the API',
    'memory_terms',
    (signal) => clientOf(server).request('searchMemory', found, { signal }),
  ],
  [
    'the statistics by the API',
    'conversation_messages',
    (signal) => clientOf(server).request('getConversationStatistics', {}, { signal }),
  ],
  ...eras.map((era): (typeof works)[number] => [
    `a search by MCP ${era}, cancelled`,
    'memory_terms',
    async (signal) => {
      const client = await connectMcp(server, era);
      clients.push(client);
      return client.callTool({ name: 'query_memory', arguments: found }, { signal });
    },
  ]),
  [
    'a search by MCP 2026-07-28 of a client that is gone',
    'memory_terms',
    async (signal) => {
      const client = await connectMcp(server, '2026-07-28');
      signal.addEventListener('abort', () => void client.close());
      return client.callTool({ name: 'query_memory', arguments: found });
    },
  ],
];

describe('work for a client that left', () => {
  it.each(works)('stops in the database: %s', async (_name, table, begin) => {
    await locker.query('begin');
    await locker.query(`lock table ${table} in access exclusive mode`);
    try {
      const controller = new AbortController();
      const left = expect(begin(controller.signal)).rejects.toThrow();
      await until(async () => (await waiting()) > 0, 'the statement');
      controller.abort();
      await left;
      // The table is locked still: it has not ended by being done.
      await until(async () => (await waiting()) === 0, 'the end of the statement');
    } finally {
      await locker.query('rollback');
    }
  });

  it('is counted as left, not as failed', async () => {
    expect(await answered('/mcp/tools/call', 499)).toBeGreaterThan(0);
    expect(await answered('/api/v1/db/memory/search', 499)).toBeGreaterThan(0);
    const health = (await (await server.request('/health')).json()) as { error_rate: number };
    expect(health.error_rate).toBe(0);
  });

  it('stops between two parts of an import; what is stored stays', async () => {
    const lines = Array.from({ length: 1_000 }, (_, n) => ({
      ...{
        session: 'long',
        project: 'imported',
        role: 'user' as const,
        content: `line ${n}`,
        occurrence: 1,
      },
    }));
    const before = await answered('/mcp/tools/call', 499);
    await locker.query('begin');
    await locker.query('lock table conversation_messages in exclusive mode');
    const controller = new AbortController();
    const left = expect(tool('import_messages', { lines })(controller.signal)).rejects.toThrow();
    await until(async () => (await waiting()) > 0, 'the first part');
    controller.abort();
    await left;
    // The server has heard of the end when it answers what came after it.
    for (let n = 0; n < 3; n += 1) await fetch(`${server.url}/health`);
    await locker.query('rollback');
    await until(
      async () => (await answered('/mcp/tools/call', 499)) > before,
      'the end of the import',
    );
    const { rows } = await watcher.query(
      "select count(*)::int as n from conversation_messages where provenance = 'import'",
    );
    expect(rows[0].n).toBe(500);
    const again = await server.call('import_messages', { lines });
    expect(again).toEqual({ imported: 500, skipped: 500 });
  });
});
