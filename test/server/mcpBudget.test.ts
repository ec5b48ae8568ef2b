import { performance } from 'node:perf_hooks';
import { countTokens } from 'gpt-tokenizer/encoding/cl100k_base';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectMcp } from '../support/mcp.ts';
import { removeHome, startTestServer, type TestServer } from '../support/server.ts';

const MAX_TOKENS = 6000;
const MAX_INSTRUCTION_TOKENS = 200;
const MAX_MEDIAN_MS = 10;
const ROUNDS = 60;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ env: { POSTGRES_DSN: 'mock://test' } });
});
afterAll(async () => {
  await server.stop();
  await removeHome(server.home);
});

it('lists all tools in at most 6,000 tokens, with short instructions', async () => {
  const client = await connectMcp(server, '2026-07-28');
  const { tools } = await client.listTools();
  expect(tools.length).toBeGreaterThanOrEqual(10);
  expect(countTokens(JSON.stringify({ tools }))).toBeLessThanOrEqual(MAX_TOKENS);
  const instructions = client.getInstructions() ?? '';
  expect(countTokens(instructions)).toBeLessThanOrEqual(MAX_INSTRUCTION_TOKENS);
  for (const { name, description, inputSchema } of tools) {
    // The names of the conformance suite are there in its test alone.
    expect(name).not.toMatch(/^test_|2020_12/);
    expect(description?.length, name).toBeGreaterThan(20);
    // A pattern beside a format, bounds of every number: words that no model needs.
    expect(JSON.stringify(inputSchema), name).not.toMatch(/9007199254740991|propertyNames/);
  }
  await client.close();
});

const MODERN = {
  headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' },
  params: {
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
};

it.each([
  ['2025-11-25', { headers: {}, params: {} }],
  ['2026-07-28', MODERN],
] as const)('lists the tools in 10 ms, protocol %s', async (_era, { headers, params }) => {
  // Without a client, which takes longer to check the answer than the server to give it.
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params });
  const init = {
    method: 'POST',
    headers: { accept: 'application/json, text/event-stream', ...headers },
    body,
  };
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    const answer = await server.request('/mcp', init);
    const text = await answer.text();
    times.push(performance.now() - began);
    expect(text).toContain('query_memory');
  }
  const median = times.sort((a, b) => a - b)[ROUNDS / 2] ?? Number.POSITIVE_INFINITY;
  expect(median).toBeLessThanOrEqual(MAX_MEDIAN_MS);
});
