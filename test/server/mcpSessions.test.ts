import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectMcp } from '../support/mcp.ts';
import { removeHome, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ env: { POSTGRES_DSN: 'mock://test' } });
});
afterAll(async () => {
  await server.stop();
  await removeHome(server.home);
});

const accept = { accept: 'application/json, text/event-stream' };
const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'raw', version: '1' },
  },
};
const ping = { jsonrpc: '2.0', id: 2, method: 'ping' };

function post(body: object, headers: Record<string, string> = {}): Promise<Response> {
  const init = { method: 'POST', headers: { ...accept, ...headers }, body: JSON.stringify(body) };
  return server.request('/mcp', init);
}

async function begin(headers: Record<string, string> = {}): Promise<string> {
  const answer = await post(initialize, headers);
  await answer.text();
  return answer.headers.get('mcp-session-id') ?? '';
}

describe('MCP sessions of protocol 2025 over HTTP', () => {
  it('begin, are used and end', async () => {
    const id = await begin();
    expect(id).toMatch(/^[\w-]{30,}$/);
    const session = { 'mcp-session-id': id };
    expect((await post(ping, session)).status).toBe(200);
    expect((await server.request('/mcp', { method: 'DELETE', headers: session })).status).toBe(200);
    expect((await post(ping, session)).status).toBe(404);
    expect((await post(ping, { 'mcp-session-id': 'made-up' })).status).toBe(404);
  });

  it('are their own token’s alone', async () => {
    const permissions = ['conversations:read' as const];
    const other = await server.call('issue_token', { name: 'other', permissions });
    const id = await begin();
    const headers = { 'mcp-session-id': id, authorization: `Bearer ${other.token}` };
    expect((await post(ping, headers)).status).toBe(404);
    expect((await post(ping, { 'mcp-session-id': id })).status).toBe(200);
  });

  it('are not needed: a single call without one is answered', async () => {
    const params = { name: 'get_conversation_stats', arguments: {} };
    const answer = await post({ jsonrpc: '2.0', id: 3, method: 'tools/call', params });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('mcp-session-id')).toBeNull();
    expect(await answer.text()).toContain('structuredContent');
  });

  it('do not pile up: the ones used least give way', async () => {
    const first = await begin();
    for (let count = 0; count < 205; count += 1) await begin();
    expect((await post(ping, { 'mcp-session-id': first })).status).toBe(404);
    const last = await begin();
    expect((await post(ping, { 'mcp-session-id': last })).status).toBe(200);
  });

  it('keep the permissions of the token', async () => {
    const permissions = ['memory:read' as const];
    const { token } = await server.call('issue_token', { name: 'reader', permissions });
    const reading = { ...server, token };
    for (const era of ['2025-11-25', '2026-07-28'] as const) {
      const client = await connectMcp(reading, era);
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).not.toContain('capture_user_query');
      const refused = await client.callTool({
        name: 'capture_user_query',
        arguments: { query: 'q' },
      });
      expect(refused.isError).toBe(true);
      expect(JSON.stringify(refused.content)).toContain('conversations:write');
      await expect(client.listResources()).rejects.toMatchObject({ code: -32602 });
      await client.close();
    }
  });
});
