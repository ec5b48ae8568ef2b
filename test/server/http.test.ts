import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { envelopeOf, removeHome, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ env: { POSTGRES_DSN: 'mock://test' } });
});
afterAll(async () => {
  await server.stop();
  await removeHome(server.home);
});

const call = (body: unknown, headers: Record<string, string> = {}) =>
  server.request('/mcp/tools/call', { method: 'POST', body: JSON.stringify(body), headers });

/** A request whose Host header is what the test says: `fetch` does not allow that. */
function withHost(host: string): Promise<number> {
  const { port } = new URL(server.url);
  return new Promise((done, failed) => {
    const headers = { host, authorization: `Bearer ${server.token}` };
    httpRequest({ host: '127.0.0.1', port, path: '/health', headers }, (answer) => {
      answer.resume();
      done(answer.statusCode ?? 0);
    })
      .on('error', failed)
      .end();
  });
}

describe('GET /health', () => {
  it('answers without a token with the fields of the contract', async () => {
    const answer = await fetch(`${server.url}/health`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      status: 'ok',
      service: 'turnkeep',
      database_status: 'ok',
      error_rate: expect.any(Number),
      memory_usage: expect.any(Number),
      uptime: expect.any(Number),
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      timestamp: expect.stringMatching(/^\d{4}-/),
    });
  });
});

describe('who may call', () => {
  it('listens on loopback alone', () => {
    expect(new URL(server.url).hostname).toBe('127.0.0.1');
  });
  it.each([
    ['none', {}],
    ['a wrong one', { authorization: 'Bearer nonsense' }],
    ['one with the wrong scheme', { authorization: 'Basic nonsense' }],
  ])('refuses a token that is %s', async (_what, headers) => {
    const answer = await fetch(`${server.url}/mcp/tools`, {
      headers: headers as Record<string, string>,
    });
    expect(answer.status).toBe(401);
    const body = await envelopeOf(answer);
    expect(body).toMatchObject({ success: false, data: null, error: { code: 'unauthenticated' } });
    expect(body.error?.message).toContain('turnkeep token');
  });
  it('takes the token as X-API-Key too', async () => {
    const answer = await fetch(`${server.url}/mcp/tools`, {
      headers: { 'x-api-key': server.token },
    });
    expect(answer.status).toBe(200);
  });
  it('refuses every Origin, with the token or without', async () => {
    for (const origin of ['https://evil.example', 'http://localhost:5173', 'null']) {
      const answer = await server.request('/mcp/tools', { headers: { origin } });
      expect(answer.status).toBe(403);
    }
  });
  it('refuses a foreign Host', async () => {
    expect(await withHost('evil.example')).toBe(403);
    expect(await withHost('127.0.0.1.evil.example')).toBe(403);
    expect(await withHost(`localhost:${new URL(server.url).port}`)).toBe(200);
  });
  it('takes no body but JSON', async () => {
    const answer = await call(
      { tool_name: 'get_conversation_stats' },
      { 'content-type': 'text/plain' },
    );
    expect(answer.status).toBe(415);
  });
});

describe('POST /mcp/tools/call', () => {
  it('captures a query and its response as the contract says', async () => {
    const asked = await call({
      tool_name: 'capture_user_query',
      arguments: { query: 'What is up?' },
    });
    const query = await envelopeOf(asked);
    expect(query).toMatchObject({ success: true, error: null, request_id: expect.any(String) });
    expect(query.data).toMatchObject({
      turn_id: expect.any(String),
      session_id: expect.any(String),
      thread_id: expect.any(String),
      message: expect.any(String),
    });
    const answered = await call({
      name: 'capture_ai_response',
      arguments: { response: 'All is well.' },
    });
    const response = await envelopeOf(answered);
    expect(response.data?.turn_id).toBe(query.data?.turn_id);
  });
  it('echoes a request id', async () => {
    const answer = await call({ tool_name: 'get_conversation_stats' }, { 'x-request-id': 'abc-1' });
    expect(answer.headers.get('x-request-id')).toBe('abc-1');
    expect((await envelopeOf(answer)).request_id).toBe('abc-1');
  });
  it.each([
    ['malformed JSON', '{"tool_name":', 400, 'invalid_json'],
    ['no tool', '{}', 400, 'invalid_request'],
    ['an unknown tool', '{"tool_name":"no_such"}', 404, 'unknown_tool'],
    ['a tool of Object.prototype', '{"tool_name":"constructor"}', 404, 'unknown_tool'],
    [
      'an empty query',
      '{"tool_name":"capture_user_query","arguments":{"query":""}}',
      400,
      'invalid_request',
    ],
    ['no arguments', '{"tool_name":"capture_user_query"}', 400, 'invalid_request'],
    [
      'an unknown turn',
      '{"tool_name":"capture_ai_response","arguments":{"response":"x","query_turn_id":"01a2b3c4-0000-7000-8000-000000000000"}}',
      404,
      'not_found',
    ],
  ])('answers %s with a clear error', async (_what, body, status, code) => {
    const answer = await server.request('/mcp/tools/call', { method: 'POST', body });
    expect(answer.status).toBe(status);
    const envelope = await envelopeOf(answer);
    expect(envelope).toMatchObject({ success: false, data: null, error: { code } });
    expect(envelope.error?.message.length).toBeGreaterThan(10);
  });
  it('names the field that is wrong', async () => {
    const answer = await call({ tool_name: 'capture_user_query', arguments: { query: 7 } });
    expect((await envelopeOf(answer)).error?.fields).toEqual([
      { path: 'query', message: expect.any(String) },
    ]);
  });
  it('keeps 8 MiB whole and refuses 9 MiB', async () => {
    const whole = 'é'.repeat(4 * 1024 * 1024);
    const project = { key: 'name:large', name: 'large' };
    const kept = await server.call('capture_user_query', { query: whole }, { project });
    const found = await server.call('export_messages', { session_id: kept.session_id });
    expect(found.lines.some((line) => line.content === whole)).toBe(true);
    const answer = await call({
      tool_name: 'capture_user_query',
      arguments: { query: 'x'.repeat(9 * 1024 * 1024) },
    });
    expect(answer.status).toBe(413);
    expect((await envelopeOf(answer)).error).toMatchObject({ code: 'message_too_large' });
  });
  it('refuses metadata over 64 KiB and keeps what is under it', async () => {
    const answer = await call({
      tool_name: 'capture_user_query',
      arguments: { query: 'x', metadata: { big: 'x'.repeat(70_000) } },
    });
    expect(answer.status).toBe(400);
    expect((await envelopeOf(answer)).error?.message).toContain('64 KiB');
  });
  it('outlives a statement whose error looks like the end of the engine', async () => {
    const sql = "select '2026-01-01 00:00:00.000 UTC [42] FATAL:  x'::int";
    await expect(server.call('run_sql', { sql })).rejects.toThrow('invalid input syntax');
    expect((await server.call('get_conversation_stats', {})).stats).toBeDefined();
  });
  it('answers an unknown route and a bad context header clearly', async () => {
    expect((await server.request('/nowhere')).status).toBe(404);
    const answer = await call(
      { tool_name: 'get_conversation_stats' },
      { 'x-turnkeep-context': '%7B' },
    );
    expect(answer.status).toBe(400);
  });
});
