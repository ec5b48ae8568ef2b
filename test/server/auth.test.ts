import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientPermissions, type TokenRecord } from '../../src/contracts/authTools.ts';
import { endpoints } from '../../src/contracts/endpoints.ts';
import { PERMISSIONS, type Permission, type ToolContract } from '../../src/contracts/tool.ts';
import { type ListedTool, tools } from '../../src/contracts/tools.ts';
import {
  envelopeOf,
  removeHome,
  startTestServer,
  type TestServer,
  until,
} from '../support/server.ts';

const env = { POSTGRES_DSN: 'mock://test' };
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ env });
});
afterAll(async () => {
  await server.stop();
  await removeHome(server.home);
});

const restart = async () => {
  const { home } = server;
  await server.stop();
  server = await startTestServer({ env, home });
};

type Made = TokenRecord & { token: string };
async function issue(permissions: readonly Permission[], name = 'test'): Promise<Made> {
  return server.call('issue_token', { name, permissions: [...permissions] });
}

const as = (token: string, path: string, init: RequestInit = {}) =>
  server.request(path, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
const callAs = (token: string, tool_name: string, args: object = {}) =>
  as(token, '/mcp/tools/call', {
    method: 'POST',
    body: JSON.stringify({ tool_name, arguments: args }),
  });
const statusOf = async (token: string) => (await as(token, '/mcp/tools')).status;

describe('/api/v1/auth', () => {
  it('makes a token, shows it once, lists it and takes it back', async () => {
    const body = JSON.stringify({ name: 'report', permissions: ['memory:read'] });
    const answer = await server.request('/api/v1/auth/tokens', { method: 'POST', body });
    expect(answer.status).toBe(201);
    const made = (await envelopeOf(answer)).data as unknown as Made;
    expect(await statusOf(made.token)).toBe(200);
    const key = await fetch(`${server.url}/mcp/tools`, { headers: { 'x-api-key': made.token } });
    expect(key.status).toBe(200);

    const listed = await (await server.request('/api/v1/auth/tokens')).text();
    expect(listed).toContain(made.token_id);
    expect(listed).not.toContain(made.token);

    const validated = await server.request('/api/v1/auth/validate', {
      method: 'POST',
      body: JSON.stringify({ token: made.token }),
    });
    expect((await envelopeOf(validated)).data).toMatchObject({
      valid: true,
      reason: null,
      permissions: ['memory:read'],
      token_id: made.token_id,
    });

    const path = `/api/v1/auth/tokens/${made.token_id}`;
    const gone = await server.request(path, { method: 'DELETE' });
    expect((await envelopeOf(gone)).data).toEqual({ revoked: [made.token_id] });
    expect(await statusOf(made.token)).toBe(401);
    const never = '/api/v1/auth/tokens/never-made';
    expect((await server.request(never, { method: 'DELETE' })).status).toBe(404);
  });

  it('says nothing of a token to the log but its id', async () => {
    const made = await issue(['memory:read']);
    await statusOf(`${made.token}x`);
    await restart();
    const log = await readFile(join(server.home, 'logs', 'server.1.log'), 'utf8');
    expect(log).toContain(made.token_id);
    expect(log).toContain('credential refused');
    expect(log).not.toContain(made.token.split('.')[2]);
    expect(log).not.toContain(server.token);
  });

  it('gives nobody more than they have', async () => {
    const { token } = await issue(['server:admin']);
    const answer = await callAs(token, 'issue_token', { name: 'x', permissions: ['memory:read'] });
    expect(answer.status).toBe(403);
    expect((await envelopeOf(answer)).error?.message).toContain('memory:read');
  });
});

describe('least privilege', () => {
  const lacking = new Map<Permission, string>();
  beforeAll(async () => {
    for (const permission of PERMISSIONS) {
      const others = PERMISSIONS.filter((other) => other !== permission);
      lacking.set(permission, (await issue(others, `without-${permission}`)).token);
    }
  });

  it.each(Object.entries<ToolContract>(tools).map(([name, { permission }]) => [name, permission]))(
    'tool %s wants %s',
    async (name, permission) => {
      const answer = await callAs(lacking.get(permission as Permission) ?? '', name);
      expect(answer.status).toBe(403);
      const { error } = await envelopeOf(answer);
      expect(error).toMatchObject({ code: 'forbidden' });
      expect(error?.message).toContain(permission);
    },
  );

  it.each(
    Object.entries(endpoints).map(([name, { method, path, permission }]) => {
      return [name, permission, method, path] as const;
    }),
  )('endpoint %s wants %s', async (_name, permission, method, path) => {
    const answer = await as(lacking.get(permission) ?? '', path.replace(/\{\w+\}/g, 'x'), {
      method,
      ...(method === 'GET' ? {} : { body: '{}' }),
    });
    expect(answer.status).toBe(403);
    expect((await envelopeOf(answer)).error?.message).toContain(permission);
  });

  it('lists to an AI client only what it may call, by REST and MCP alike', async () => {
    const { token } = await issue(['memory:read']);
    const rest = (await (await as(token, '/mcp/tools')).json()) as { tools: ListedTool[] };
    const names = rest.tools.map(({ name }) => name);
    expect(names).toContain('query_memory');
    expect(names).not.toContain('capture_user_query');
    const client = new Client({ name: 'test', version: '1.0.0' });
    await client.connect(
      new StreamableHTTPClientTransport(new URL('/mcp', server.url), {
        requestInit: { headers: { authorization: `Bearer ${token}` } },
      }),
    );
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(names);
    const refused = await client.callTool({
      name: 'capture_user_query',
      arguments: { query: 'hello' },
    });
    expect(refused.isError).toBe(true);
    expect(JSON.stringify(refused.content)).toContain('conversations:write');
    await client.close();
  });

  it('lets an AI client do what it is for, and neither delete nor run the server', async () => {
    const { token } = await issue(clientPermissions.mcp);
    expect((await callAs(token, 'capture_user_query', { query: 'hello' })).status).toBe(200);
    expect((await callAs(token, 'query_memory', { query: 'hello' })).status).toBe(200);
    for (const name of ['delete_conversations', 'run_sql', 'backup_database', 'import_history']) {
      expect((await callAs(token, name, {})).status).toBe(403);
    }
  });
});

describe('the life of a token', () => {
  it('is over with its revocation, also after a restart', async () => {
    const made = await issue(['memory:read']);
    await server.call('revoke_token', { token_id: made.token_id });
    expect(await statusOf(made.token)).toBe(401);
    await restart();
    expect(await statusOf(made.token)).toBe(401);
    const other = await issue(['memory:read']);
    await restart();
    expect(await statusOf(other.token)).toBe(200);
  });

  it('goes on when the key is changed, unless it is asked to end', async () => {
    const early = await issue(['memory:read']);
    const { key_id } = await server.call('rotate_keys', {});
    const late = await issue(['memory:read']);
    expect(late.key_id).toBe(key_id);
    expect(await statusOf(early.token)).toBe(200);
    await restart();
    expect([await statusOf(early.token), await statusOf(late.token)]).toEqual([200, 200]);
    const ended = await server.call('rotate_keys', { end_others: true });
    expect(ended.revoked).toEqual(expect.arrayContaining([early.token_id, late.token_id]));
    expect([await statusOf(early.token), await statusOf(late.token)]).toEqual([401, 401]);
    expect(await statusOf(server.token)).toBe(200);
  });
});

describe('what a token has open', () => {
  const streams = (token: string) =>
    Promise.all([
      as(token, '/api/v1/db/logs/stream'),
      (async () => {
        const headers = { accept: 'application/json, text/event-stream' };
        const params = {
          ...{ protocolVersion: '2025-11-25', capabilities: {} },
          clientInfo: { name: 'test', version: '1.0.0' },
        };
        const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
        const begun = await as(token, '/mcp', { method: 'POST', headers, body });
        await begun.text();
        const id = begun.headers.get('mcp-session-id') ?? '';
        return as(token, '/mcp', {
          headers: { accept: 'text/event-stream', 'mcp-session-id': id },
        });
      })(),
    ]);
  const gauge = async (name: string) => {
    const text = await (await server.request('/metrics')).text();
    return new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1];
  };
  const openStreams = () => gauge('turnkeep_streams_open');

  it('ends with it: streams of the log and of MCP, and nobody else loses theirs', async () => {
    const [mine, other] = [await issue(['server:read']), await issue(['server:read'])];
    const [log, mcp] = await streams(mine.token);
    const [stays] = await streams(other.token);
    expect([log?.status, mcp?.status, stays?.status]).toEqual([200, 200, 200]);
    expect(await openStreams()).toBe('2');
    const sessions = Number(await gauge('turnkeep_mcp_sessions'));
    const ends = Promise.all([log?.text(), mcp?.text()]);
    await server.call('revoke_token', { token_id: mine.token_id });
    expect(await ends).toEqual([expect.stringContaining(': open'), expect.any(String)]);
    await until(async () => (await openStreams()) === '1', 'the end of one stream');
    expect(Number(await gauge('turnkeep_mcp_sessions'))).toBe(sessions - 1);
    await stays?.body?.cancel();
    await until(async () => (await openStreams()) === '0', 'the end of the other');
  });

  it('ends with the home token too, which is another one at once, also after a restart', async () => {
    const [log] = await streams(server.token);
    const ends = log?.text();
    expect(await server.call('renew_home_token', {})).toEqual({ renewed: true });
    await ends;
    expect(await statusOf(server.token)).toBe(401);
    const fresh = (await readFile(join(server.home, 'token'), 'utf8')).trim();
    expect(await statusOf(fresh)).toBe(200);
    await restart();
    expect(server.token).toBe(fresh);
    const written = await readFile(join(server.home, 'logs', 'server.1.log'), 'utf8');
    expect(written).toContain('home token renewed');
    expect(written).not.toContain(fresh);
  });
});

describe('a token that is signed with the real key', () => {
  type Change = { alg?: string; secret?: Uint8Array; claims?: Record<string, unknown> };
  async function sign(change: Change, made: Made): Promise<string> {
    const { keys } = JSON.parse(await readFile(join(server.home, 'keys.json'), 'utf8'));
    const key = keys.find(({ kid }: { kid: string }) => kid === made.key_id);
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({
      ...{ sub: made.user, jti: made.token_id, iss: 'turnkeep', aud: 'turnkeep-server' },
      ...{ iat: now, nbf: now, exp: now + 600 },
      ...change.claims,
    })
      .setProtectedHeader({ alg: change.alg ?? 'HS256', typ: 'JWT', kid: key.kid })
      .sign(change.secret ?? Buffer.from(key.secret, 'base64url'));
  }
  const from = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

  let made: Made;
  beforeAll(async () => {
    made = await issue(['memory:read']);
  });

  it.each<[string, () => Change, number]>([
    ['nothing changed', () => ({}), 200],
    ['an end 20 s ago', () => ({ claims: { exp: from(-20) } }), 200],
    ['an end 40 s ago', () => ({ claims: { exp: from(-40) } }), 401],
    ['a start in 20 s', () => ({ claims: { nbf: from(20) } }), 200],
    ['a start in 40 s', () => ({ claims: { nbf: from(40) } }), 401],
    ['an issue in 40 s', () => ({ claims: { iat: from(40) } }), 401],
    ['HS384', () => ({ alg: 'HS384' }), 401],
    ['HS512', () => ({ alg: 'HS512' }), 401],
    ['another key', () => ({ secret: Buffer.alloc(32, 1) }), 401],
    ['another issuer', () => ({ claims: { iss: 'turnkeep.example' } }), 401],
    ['another audience', () => ({ claims: { aud: 'turnkeep' } }), 401],
    ['an id that was not given out', () => ({ claims: { jti: 'mine' } }), 401],
    ['permissions of its own making', () => ({ claims: { permissions: ['server:admin'] } }), 200],
  ])('and %s', async (_what, change, status) => {
    const token = await sign(change(), made);
    expect(await statusOf(token)).toBe(status);
    // Whatever it says of itself, it may do what it was made for.
    if (status === 200) expect((await callAs(token, 'stop_server')).status).toBe(403);
  });

  it('is refused without its signature, or cut off', async () => {
    const [header, payload] = made.token.split('.');
    const none = new UnsecuredJWT({ permissions: [...PERMISSIONS] })
      .setJti(made.token_id)
      .setIssuer('turnkeep')
      .setAudience('turnkeep-server')
      .setExpirationTime('1h')
      .encode();
    for (const token of [none, `${header}.${payload}.`, made.token.slice(0, -3)]) {
      expect(await statusOf(token)).toBe(401);
    }
  });
});
