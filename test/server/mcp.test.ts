import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTEXT_HEADER, encodeContext } from '../../src/contracts/context.ts';
import type { ListedTool } from '../../src/contracts/tools.ts';
import { removeHome, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ env: { POSTGRES_DSN: 'mock://test' } });
});
afterAll(async () => {
  await server.stop();
  await removeHome(server.home);
});

const eras = [
  { version: '2026-07-28', mode: { pin: '2026-07-28' } as const },
  { version: '2025-11-25', mode: 'legacy' as const },
];

async function connect(mode: (typeof eras)[number]['mode'], headers: Record<string, string> = {}) {
  const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode } });
  const transport = new StreamableHTTPClientTransport(new URL('/mcp', server.url), {
    requestInit: { headers: { authorization: `Bearer ${server.token}`, ...headers } },
  });
  await client.connect(transport);
  return client;
}

describe.each(eras)('MCP $version over HTTP, with the real client', ({ version, mode }) => {
  it('negotiates the version and introduces itself', async () => {
    const client = await connect(mode);
    expect(client.getNegotiatedProtocolVersion()).toBe(version);
    expect(client.getServerVersion()).toMatchObject({ name: 'turnkeep' });
    expect(client.getInstructions()).toContain('untrusted');
    await client.close();
  });

  it('lists the tools with their schemas, those for programs left out', async () => {
    const client = await connect(mode);
    const { tools } = await client.listTools();
    const names = tools.map((tool) => tool.name);
    expect(names).toEqual(
      expect.arrayContaining([
        'capture_user_query',
        'capture_ai_response',
        'record_chat_history',
        'get_conversation_stats',
        'close_session',
        'query_memory',
        'get_project_context',
        'get_hot_context',
        'search_hot_memory',
        'pin_hot_item',
      ]),
    );
    expect(names).not.toContain('run_sql');
    for (const tool of tools) {
      expect(tool.inputSchema.type).toBe('object');
      expect(tool.outputSchema).toBeDefined();
      expect(tool.inputSchema).not.toHaveProperty('$schema');
    }
    const rest = (await (await server.request('/mcp/tools')).json()) as { tools: ListedTool[] };
    expect(rest.tools.map((tool) => tool.name)).toEqual(names);
    await client.close();
  });

  it('captures a turn and finds it again', async () => {
    const project = { key: `name:mcp-${version}`, name: `mcp-${version}` };
    const client = await connect(mode, {
      [CONTEXT_HEADER]: encodeContext({ project, origin: 'mcp:1', client: 'mcp' }),
    });
    const query = await client.callTool({
      name: 'capture_user_query',
      arguments: { query: `Which wombat for ${version}?` },
    });
    expect(query.structuredContent).toMatchObject({ turn_id: expect.any(String) });
    await client.callTool({
      name: 'capture_ai_response',
      arguments: { response: 'The small one.' },
    });
    const memory = await client.callTool({ name: 'query_memory', arguments: { query: 'wombat' } });
    expect(memory.structuredContent).toMatchObject({
      project: project.name,
      ltst: { items: [{ role: 'user', provenance: 'tool' }] },
    });
    const stats = await client.callTool({ name: 'get_conversation_stats', arguments: {} });
    expect(stats.structuredContent).toMatchObject({ stats: { message_count: 2, turn_count: 1 } });
    await client.close();
  });

  it('gives tool failures as results and unknown tools as protocol errors', async () => {
    const client = await connect(mode);
    const bad = await client.callTool({ name: 'capture_user_query', arguments: { query: '' } });
    expect(bad.isError).toBe(true);
    expect(JSON.stringify(bad.content)).toContain('invalid_request');
    await expect(client.callTool({ name: 'no_such', arguments: {} })).rejects.toThrow('no_such');
    await client.close();
  });
});

it('lets nobody in without the token', async () => {
  const client = new Client({ name: 'test', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(new URL('/mcp', server.url));
  await expect(client.connect(transport)).rejects.toThrow();
  const answer = await server.request('/mcp', {
    method: 'POST',
    headers: { origin: 'https://evil.example' },
    body: '{}',
  });
  expect(answer.status).toBe(403);
});
