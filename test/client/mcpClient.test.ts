import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectOrStart } from '../../src/client/connection.ts';
import { McpToolClient } from '../../src/client/mcpClient.ts';
import { type Home, homeLayout } from '../../src/contracts/home.ts';
import { makeHome, removeHome, startTestServer, type TestServer } from '../support/server.ts';

let home: Home;
let server: TestServer;
let client: McpToolClient;
let project = 0;
beforeAll(async () => {
  home = homeLayout({ TURNKEEP_HOME: await makeHome() });
  server = await startTestServer({ home: home.root });
});
afterAll(async () => {
  await server.stop();
  await removeHome(home.root);
});
beforeEach(() => {
  project += 1;
  const name = `mcp ${project}`;
  const context = { project: { key: `name:${name}`, name }, origin: 'window:1', client: 'test' };
  client = new McpToolClient(
    () => connectOrStart({ home }),
    () => context,
  );
});
afterEach(() => client.close());

describe('McpToolClient', () => {
  it('calls tools in its context, listed or not, and gives their errors', async () => {
    const turns = [{ query: 'q', response: 'r' }];
    const kept = await client.call('capture_turns', { turns }, { idempotencyKey: 'once' });
    const { stats } = await client.call('get_conversation_stats', {});
    expect(stats).toMatchObject({ project: 'mcp 1', session_id: kept.session_id, turn_count: 1 });
    await expect(client.call('capture_user_query', { query: '' })).rejects.toMatchObject({
      code: 'invalid_request',
      fields: [expect.objectContaining({ path: 'query' })],
    });
    await expect(client.call('delete_conversations', { project: 'none' })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('takes a message of 8 MiB', async () => {
    const query = 'ü"\n'.repeat(2 * 1024 * 1024);
    const { session_id } = await client.call('capture_user_query', { query });
    const { messages } = await client.call('get_session', { session_id });
    expect(messages[0]?.content === query).toBe(true);
  });

  it('goes on with the next server when the first was stopped', async () => {
    await client.call('capture_user_query', { query: 'first', event_id: 'e1' });
    await server.stop();
    await expect(client.call('get_conversation_stats', {})).rejects.toMatchObject({
      code: 'server_unreachable',
    });
    server = await startTestServer({ home: home.root });
    await client.call('capture_user_query', { query: 'second', event_id: 'e2' });
    await server.stop();
    server = await startTestServer({ home: home.root });
    const { stats } = await client.call('get_conversation_stats', {});
    expect(stats.message_count).toBe(2);
  });

  it('reads the token again when it is refused', async () => {
    await writeFile(join(home.root, 'token'), 'not the token');
    await expect(client.call('get_conversation_stats', {})).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    await writeFile(join(home.root, 'token'), server.token);
    expect((await client.call('get_conversation_stats', {})).session_id).toBeNull();
  });

  it('can be aborted, and closed twice', async () => {
    await client.call('list_models', {});
    const signal = AbortSignal.abort();
    await expect(client.call('list_models', {}, { signal })).rejects.toThrow();
    await client.close();
    await client.close();
    expect(await client.call('list_models', {})).toHaveProperty('models');
  });
});
