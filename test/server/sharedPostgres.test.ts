import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyDatabase } from '../support/postgres.ts';
import { removeHome, startTestServer, type TestServer } from '../support/server.ts';

/* Two servers, as of two people of a team, on one real PostgreSQL. */

let servers: TestServer[] = [];
let end: () => Promise<void> = async () => {};
beforeAll(async () => {
  const database = await emptyDatabase();
  end = database.stop;
  const env = { POSTGRES_DSN: database.dsn };
  servers = await Promise.all([startTestServer({ env }), startTestServer({ env })]);
});
afterAll(async () => {
  for (const server of servers) {
    await server.stop();
    await removeHome(server.home);
  }
  await end();
});

describe('two servers on one PostgreSQL', () => {
  it('capture at once into one project and session, and lose nothing', async () => {
    const me = { project: { key: 'name:team', name: 'team' }, origin: 'cli', client: 'cli' };
    const results = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        servers[index % 2]?.call('capture_user_query', { query: `q${index}` }, me),
      ),
    );
    expect(new Set(results.map((result) => result?.session_id)).size).toBe(1);
    const stats = await servers[0]?.call('get_conversation_stats', {}, me);
    expect(stats?.stats).toMatchObject({ message_count: 60, turn_count: 60 });
    expect(stats?.stats.totals).toMatchObject({ projects: 1, sessions: 1 });
  });

  it('store one event once, whichever of them takes it', async () => {
    const me = { project: { key: 'name:once', name: 'once' }, origin: 'cli', client: 'cli' };
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        servers[index % 2]?.call('capture_user_query', { query: 'once', event_id: 'e-1' }, me),
      ),
    );
    expect(new Set(results.map((result) => result?.turn_id)).size).toBe(1);
  });

  it('say which database it is, without its password', async () => {
    const status = await servers[0]?.call('get_server_status', {});
    expect(status?.database).toMatchObject({
      engine: 'postgres',
      state: 'ok',
      drift: [],
      journal: null,
    });
  });
});
