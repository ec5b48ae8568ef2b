import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { endpointRequest } from '../../src/client/endpointRequest.ts';
import type { TokenRecord } from '../../src/contracts/authTools.ts';
import { CONTEXT_HEADER, encodeContext } from '../../src/contracts/context.ts';
import type { EndpointContract } from '../../src/contracts/endpoint.ts';
import { type EndpointName, endpoints } from '../../src/contracts/endpoints.ts';
import { type ToolName, tools } from '../../src/contracts/tools.ts';
import { listen } from '../../src/server/process/listen.ts';
import { argumentsWith, sendRaw, statusOf } from '../support/attack.ts';
import { envelopeOf, removeHome, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let outside: string;
let canary: { session_id: string };
const project = { key: 'name:canary', name: 'canary' };

beforeAll(async () => {
  server = await startTestServer({ env: { POSTGRES_DSN: 'mock://test' } });
  outside = await realpath(await mkdtemp(join(tmpdir(), 'turnkeep-attack-')));
  canary = await server.call('capture_user_query', { query: 'a canary sings' }, { project });
});
afterAll(async () => {
  await server.stop();
  await removeHome(server.home);
  await rm(outside, { recursive: true, force: true });
});

const port = () => new URL(server.url).port;
const CALL = '{"tool_name":"capture_user_query","arguments":{"query":"evil"}}';

type Headers = Record<string, string>;
/** A raw request: what is undefined is left out. */
function raw(
  line: string,
  headers: Record<string, string | undefined> = {},
  body = '',
): Promise<string> {
  const all: Record<string, string | undefined> = {
    Host: `127.0.0.1:${port()}`,
    Authorization: `Bearer ${server.token}`,
    Connection: 'close',
    ...(body ? { 'Content-Type': 'application/json', 'Content-Length': `${body.length}` } : {}),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return sendRaw(server.url, `${[line, ...lines].join('\r\n')}\r\n\r\n${body}`);
}
const post = (headers: Record<string, string | undefined>, body = CALL) =>
  raw('POST /mcp/tools/call HTTP/1.1', headers, body);
const get = (headers: Record<string, string | undefined>, path = '/mcp/tools') =>
  raw(`GET ${path} HTTP/1.1`, headers);
const withToken = (token: string) => get({ Authorization: `Bearer ${token}` });
const nameless = { Authorization: undefined };

type Issued = TokenRecord & { token: string };
const issue = (): Promise<Issued> =>
  server.call('issue_token', { name: 'victim', permissions: ['memory:read'] });
async function signed(alg: string, secret?: Uint8Array, claims: object = {}): Promise<string> {
  const made = await issue();
  const { keys } = JSON.parse(await readFile(join(server.home, 'keys.json'), 'utf8'));
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({
    ...{ sub: made.user, jti: made.token_id, iss: 'turnkeep', aud: 'turnkeep-server' },
    ...{ iat: now, nbf: now, exp: now + 60, ...claims },
  })
    .setProtectedHeader({ alg, typ: 'JWT', kid: keys[0].kid })
    .sign(secret ?? Buffer.from(keys[0].secret, 'base64url'));
}
const ago = (seconds: number) => Math.floor(Date.now() / 1000) - seconds;
const deep = (depth: number) =>
  `{"tool_name":"query_memory","arguments":${'['.repeat(depth)}${']'.repeat(depth)}}`;

/** What it is, what it sends, and the statuses that refuse it (0: the connection is closed). */
type Attack = [what: string, send: () => Promise<string>, statuses: number[]];

const hosts: Attack[] = [
  'evil.example',
  '127.0.0.1.evil.example',
  'localhost.evil.example:3000',
  'evil.example:127.0.0.1',
  'localhost@evil.example',
  'evil.example#127.0.0.1',
  '127.0.0.1:80:80',
  '0.0.0.0',
  '127.1',
  '127.0.0.2',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '[::]',
  '[::ffff:127.0.0.1]',
  'localhost.',
  'xn--localhost-.example',
  '*',
].map((host) => [`Host: ${host}`, () => get({ Host: host }), [400, 403]]);

const origins: Attack[] = [
  'https://evil.example',
  'null',
  'http://localhost:5173',
  'http://127.0.0.1',
  'file://',
  'chrome-extension://abcdefghijklmnop',
  'vscode-webview://abc',
  'http://127.0.0.1.evil.example',
  'http://[::1]:1',
].map((origin) => [`Origin: ${origin}`, () => post({ Origin: origin }), [403]]);

const browsers: Attack[] = [
  ['Origin of another scheme', () => post({ Origin: `https://127.0.0.1:${port()}` }), [403]],
  ['Origin of our own other name', () => post({ Origin: `http://localhost:${port()}` }), [403]],
  ['Origin with a trailing slash', () => post({ Origin: `http://127.0.0.1:${port()}/` }), [403]],
  ['an empty Origin', () => post({ Origin: '' }), [403]],
  ['a picture of another site', () => get({ 'Sec-Fetch-Site': 'cross-site' }), [403]],
  ['a page of another port', () => get({ 'Sec-Fetch-Site': 'same-site' }), [403]],
  [
    'a preflight',
    () =>
      raw('OPTIONS /mcp/tools/call HTTP/1.1', {
        ...nameless,
        Origin: 'https://evil.example',
        'Access-Control-Request-Method': 'POST',
      }),
    [403],
  ],
];

const tokens: Attack[] = [
  ['no token', () => get(nameless), [401]],
  ['an empty Bearer', () => get({ Authorization: 'Bearer ' }), [401]],
  ['Basic', () => get({ Authorization: `Basic ${btoa(`x:${server.token}`)}` }), [401]],
  ['a wrong token', () => withToken('nonsense'), [401]],
  ["the home's token cut off", () => withToken(server.token.slice(0, -1)), [401]],
  ["the home's token and more", () => withToken(`${server.token}x`), [401]],
  ["the home's token in capitals", () => withToken(server.token.toUpperCase()), [401]],
  ['two Bearers in one', () => withToken(`x, Bearer ${server.token}`), [401]],
  ['a token in a cookie', () => get({ ...nameless, Cookie: `token=${server.token}` }), [401]],
  [
    'a token in Proxy-Authorization',
    () => get({ ...nameless, 'Proxy-Authorization': `Bearer ${server.token}` }),
    [401],
  ],
  ['two tokens that differ', () => get({ 'X-API-Key': 'another' }), [401]],
  [
    'a token in the body',
    () => post(nameless, CALL.replace('{', `{"token":"${server.token}",`)),
    [401],
  ],
  ...['token', 'access_token', 'api_key', 'API-Key', 'authorization'].map(
    (name): Attack => [
      `?${name}=`,
      () => get(nameless, `/mcp/tools?${name}=${server.token}`),
      [400],
    ],
  ),
  ['a good token and one in the address', () => get({}, '/mcp/tools?a=1&token=x'), [400]],
  [
    'a revoked token',
    async () => {
      const { token, token_id } = await issue();
      await server.call('revoke_token', { token_id });
      return withToken(token);
    },
    [401],
  ],
  [
    'an expired token',
    async () => withToken(await signed('HS256', undefined, { exp: ago(40) })),
    [401],
  ],
  [
    'a token of tomorrow',
    async () => withToken(await signed('HS256', undefined, { nbf: ago(-86_400) })),
    [401],
  ],
  ['another key', async () => withToken(await signed('HS256', Buffer.alloc(32, 5))), [401]],
  ['HS512', async () => withToken(await signed('HS512')), [401]],
  ['another issuer', async () => withToken(await signed('HS256', undefined, { iss: 'x' })), [401]],
  [
    'another audience',
    async () => withToken(await signed('HS256', undefined, { aud: 'x' })),
    [401],
  ],
  [
    'alg:none',
    async () => {
      const { token_id } = await issue();
      return withToken(
        new UnsecuredJWT({})
          .setJti(token_id)
          .setIssuer('turnkeep')
          .setAudience('turnkeep-server')
          .setExpirationTime('1h')
          .encode(),
      );
    },
    [401],
  ],
  [
    'alg:None and no signature',
    async () => {
      const [, payload] = (await issue()).token.split('.');
      return withToken(`${Buffer.from('{"alg":"None"}').toString('base64url')}.${payload}.`);
    },
    [401],
  ],
  ['a token cut off', async () => withToken((await issue()).token.slice(0, -4)), [401]],
  [
    'a key id that is a path',
    async () => {
      const [, payload, signature] = (await issue()).token.split('.');
      const header = JSON.stringify({ alg: 'HS256', typ: 'JWT', kid: '../../token' });
      return withToken(`${Buffer.from(header).toString('base64url')}.${payload}.${signature}`);
    },
    [401],
  ],
  [
    'more than the token may',
    async () => post({ Authorization: `Bearer ${(await issue()).token}` }),
    [403],
  ],
];

const bodies: Attack[] = [
  ...['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain'].map(
    (type): Attack => [`a form of ${type}`, () => post({ 'Content-Type': type }), [415]],
  ),
  ['a form without our token', () => post({ ...nameless, 'Content-Type': 'text/plain' }), [401]],
  ['no Content-Type', () => post({ 'Content-Type': undefined }), [415]],
  ['a JSON that is none', () => post({ 'Content-Type': 'application/jsonp' }), [415]],
  [
    'JSON as an afterthought',
    () => post({ 'Content-Type': 'text/plain; application/json' }),
    [415],
  ],
  ['two types', () => post({ 'Content-Type': 'text/plain, application/json' }), [415]],
  ['a packed body', () => post({ 'Content-Encoding': 'gzip' }), [415]],
  ['a length of 41 MiB', () => post({ 'Content-Length': `${41 * 1024 * 1024}` }), [413]],
  ['a length beyond all numbers', () => post({ 'Content-Length': '9'.repeat(40) }), [400]],
  [
    'chunks without an end',
    async () => {
      const chunk = `100000\r\n${'x'.repeat(0x100000)}\r\n`;
      return post(
        { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' },
        `${chunk.repeat(42)}0\r\n\r\n`,
      );
    },
    [0, 413],
  ],
  ['JSON 200 deep', () => post({}, deep(200)), [400]],
  ['JSON 100,000 deep', () => post({}, deep(100_000)), [400]],
  ['half a JSON', () => post({}, '{"tool_name":'), [400]],
  ['no UTF-8', () => post({ 'Content-Length': '4' }, '"\xff\xfe"'), [400]],
  ['a list for a call', () => post({}, '[]'), [400]],
  ['null for a call', () => post({}, 'null'), [400]],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty'].map(
    (name): Attack => [`the tool ${name}`, () => post({}, `{"tool_name":"${name}"}`), [404]],
  ),
  [
    'a prototype that makes up arguments',
    () =>
      post(
        {},
        '{"tool_name":"capture_user_query","arguments":{"__proto__":{"query":"evil"}},"__proto__":{"x":1}}',
      ),
    [400],
  ],
  [
    'a constructor that makes up arguments',
    () =>
      post(
        {},
        '{"tool_name":"capture_user_query","arguments":{"constructor":{"prototype":{"query":"evil"}}}}',
      ),
    [400],
  ],
  ['a context that is none', () => post({ [CONTEXT_HEADER]: '%7B%22project%22' }), [400]],
  ['a context that is malformed', () => post({ [CONTEXT_HEADER]: '%E0%A4%A' }), [400]],
];

const spellings: Attack[] = [
  ...['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'].map(
    (name): Attack => [name, () => get({ [name]: 'DELETE' }), [400]],
  ),
  ['TRACE', () => raw('TRACE /mcp/tools HTTP/1.1'), [400, 404, 405]],
  ['CONNECT', () => raw('CONNECT evil.example:443 HTTP/1.1'), [0, 400, 404, 405]],
  ['a made-up method', () => raw('STEAL /mcp/tools HTTP/1.1'), [0, 400]],
  [
    'an address of another host',
    () => raw('GET http://evil.example/mcp/tools HTTP/1.1', nameless),
    [400, 401, 403],
  ],
  ...[
    '/health/../mcp/tools',
    '/%2e%2e/mcp/tools',
    '//mcp/tools',
    '/./mcp/tools',
    '/mcp%2ftools',
    '/MCP/TOOLS',
    '/health/mcp/tools',
  ].map(
    (path): Attack => [`around the token by ${path}`, () => get(nameless, path), [400, 401, 404]],
  ),
  ['CL and TE', () => post({ 'Transfer-Encoding': 'chunked' }, `0\r\n\r\n${CALL}`), [400]],
  ['TE with a space before its colon', () => post({ 'Transfer-Encoding ': 'chunked' }), [400]],
  [
    'a TE that is none',
    () => post({ 'Content-Length': undefined, 'Transfer-Encoding': 'xchunked' }),
    [400, 501],
  ],
  [
    'TE chunked, identity',
    () => post({ 'Content-Length': undefined, 'Transfer-Encoding': 'chunked, identity' }),
    [400],
  ],
  ['two lengths', () => post({ 'content-length': '3' }), [400]],
  ['a list of lengths', () => post({ 'Content-Length': '5, 5' }), [400]],
  ['a length with a sign', () => post({ 'Content-Length': '+5' }), [400]],
  ['a negative length', () => post({ 'Content-Length': '-1' }), [400]],
  [
    'a chunk beyond all numbers',
    () =>
      post(
        { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' },
        'FFFFFFFFFFFFFFFFF\r\nx\r\n0\r\n\r\n',
      ),
    [0, 400],
  ],
  [
    'a chunk with an ill length',
    () =>
      post({ 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' }, '5;\n{}\r\n0\r\n\r\n'),
    [0, 400],
  ],
  [
    'line feeds alone',
    () => sendRaw(server.url, 'GET /mcp/tools HTTP/1.1\nHost: 127.0.0.1\n\n'),
    [400, 401],
  ],
  ['no Host', () => get({ Host: undefined }), [400, 403]],
  ['HTTP/0.9', () => sendRaw(server.url, 'GET /mcp/tools\r\n\r\n'), [0, 400]],
  ['a header with a NUL', () => get({ 'X-Request-Id': 'a\0b' }), [400]],
  ['a header with a bare CR', () => get({ 'X-Request-Id': 'a\rSet-Cookie: b' }), [400]],
  ['a folded header', () => get({ 'X-Request-Id': 'a\r\n b', ...nameless }), [400, 401]],
  ['a header of 20 KB', () => get({ 'X-Long': 'x'.repeat(20_000) }), [431]],
  ['an address of 20 KB', () => get({}, `/mcp/tools?q=${'x'.repeat(20_000)}`), [431]],
  [
    'a thousand headers',
    () =>
      get(
        Object.fromEntries(
          Array.from({ length: 1000 }, (_, at) => [`X-Many-${at}`, 'some text'.repeat(3)]),
        ),
      ),
    [431],
  ],
];

const table: [kind: string, attacks: Attack[]][] = [
  ['names of the host', hosts],
  ['pages of the web', [...origins, ...browsers]],
  ['tokens', tokens],
  ['bodies', bodies],
  ['spellings of HTTP', spellings],
];

describe.each(table)('%s', (_kind, attacks) => {
  it.each(attacks)('%s', async (_what, send, statuses) => {
    const answer = await send();
    // Failed guesses are throttled after some; that is a refusal as good.
    const expected = statuses.includes(401) ? [...statuses, 429] : statuses;
    expect(expected).toContain(statusOf(answer));
    expect(answer.toLowerCase()).not.toContain('access-control-allow');
    expect(answer).not.toContain(server.token);
  });
});

it('has at least 60 attacks in the table', () => {
  expect(table.flatMap(([, attacks]) => attacks).length).toBeGreaterThanOrEqual(60);
});

it('takes the same call from our own page', async () => {
  const own = { Origin: `http://127.0.0.1:${port()}`, 'Sec-Fetch-Site': 'same-origin' };
  expect(statusOf(await post(own, '{"tool_name":"get_conversation_stats"}'))).toBe(200);
});

describe('what goes back', () => {
  it('has no text of the caller in its headers', async () => {
    for (const id of ['a b', '<script>', 'x'.repeat(200), '%0d%0aSet-Cookie:%20a=b', 'é']) {
      const answer = await get({ 'X-Request-Id': id });
      expect(statusOf(answer)).toBe(200);
      expect(answer).not.toContain(id);
      expect(answer.toLowerCase()).not.toContain('set-cookie');
    }
  });
  it('is never taken for a page, nor kept', async () => {
    for (const path of ['/mcp/tools', '/health', '/nowhere']) {
      const { headers } = await server.request(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toContain('no-store');
      expect(headers.get('content-type')).toContain('application/json');
    }
  });
});

describe('paths', () => {
  const BAD = [
    '../turnkeep-attack',
    '..\\turnkeep-attack',
    'turnkeep-attack',
    './turnkeep-attack',
    '~/turnkeep-attack',
    '/tmp/../etc/passwd',
    '/tmp/..\\..\\etc\\passwd',
    '/tmp/./x',
    '%2e%2e%2fetc%2fpasswd',
    '..%2f..%2fetc%2fpasswd',
    '..%c0%af..%c0%afetc',
    'file:///etc/passwd',
    'C:..\\..\\Windows',
    '\\\\.\\pipe\\turnkeep',
    '\\\\?\\C:\\Windows\\system.ini',
    '//./COM1',
    '/dev/stdin',
    '/dev/zero',
    '//dev/zero',
    '/proc/self/environ',
    '/sys/kernel/notes',
    '/tmp/x\n.gz',
    '/tmp/x\0.gz',
    ' /etc/passwd',
  ];
  const taking: [ToolName, (path: string) => object, string][] = [
    ['backup_database', (file) => ({ file }), 'file'],
    ['restore_database', (file) => ({ file }), 'file'],
    ['find_history', (path) => ({ path }), 'path'],
    ['import_history', (path) => ({ path }), 'path'],
    [
      'record_chat_history',
      (project_dir) => ({ user_input: 'evil', system_output: 'evil', project_dir }),
      'project_dir',
    ],
  ];
  const call = async (name: string, args: object, headers: Headers = {}) => {
    const answer = await server.request('/mcp/tools/call', {
      method: 'POST',
      body: JSON.stringify({ tool_name: name, arguments: args }),
      headers,
    });
    return { status: answer.status, ...(await envelopeOf(answer)) };
  };
  /** An import is a job: what it refuses is in its report. */
  async function refusalOf(name: string, args: object) {
    const { status, data, error } = await call(name, args);
    const id = data?.job_id;
    if (status !== 200 || typeof id !== 'string') return { status, error };
    for (;;) {
      const job = await server.call('get_import_job', { job_id: id });
      if (job.error) return { status: 400, error: job.error };
      if (job.state !== 'running') return { status: 200, error: null };
      await sleep(20);
    }
  }

  it.each(
    taking.flatMap(([name, args, field]) => BAD.map((path) => ({ name, path, args, field }))),
  )('$name refuses $path', async ({ name, path, args }) => {
    const { status, error } = await refusalOf(name, args(path));
    expect(status).toBe(400);
    expect(error).toMatchObject({ code: 'invalid_request' });
  });

  it('never go through a link', async () => {
    if (process.platform === 'win32') return;
    const target = join(outside, 'precious.txt');
    await writeFile(target, 'precious');
    const link = join(outside, 'link.jsonl');
    await symlink(target, link);
    for (const [name, args] of taking.slice(0, 4)) {
      const { status, error } = await refusalOf(name, args(link));
      expect([name, status]).toEqual([name, 400]);
      expect(JSON.stringify(error)).toContain('link');
    }
    expect(await readFile(target, 'utf8')).toBe('precious');
  });

  it('never lead a backup into the home, nor over a file that is none', async () => {
    const target = join(outside, 'notes.txt');
    await writeFile(target, 'notes');
    const into = [
      target,
      join(server.home, 'token'),
      join(server.home, 'keys.json'),
      join(server.home, 'data', 'new.gz'),
    ];
    if (process.platform !== 'win32') {
      await symlink(server.home, join(outside, 'way'));
      into.push(
        join(outside, 'way', 'server.json'),
        join(outside, 'way', 'spool', 'new.gz'),
        join(outside, 'way', 'capture.json'),
      );
    }
    for (const file of into) {
      expect((await call('backup_database', { file })).status).toBe(400);
    }
    expect(await readFile(target, 'utf8')).toBe('notes');
    expect((await readFile(join(server.home, 'token'), 'utf8')).trim()).toBe(server.token);
    expect(await readdir(server.home, { recursive: true })).not.toContain('new.gz');
    expect(await readdir(server.home)).not.toContain('capture.json');
    const good = join(outside, 'good.gz');
    expect((await call('backup_database', { file: good })).status).toBe(200);
    expect((await call('backup_database', { file: good })).status).toBe(200);
  });

  it("never show a file outside of the project's folder", async () => {
    if (process.platform === 'win32') return;
    const root = join(outside, 'shop');
    await mkdir(root);
    await writeFile(join(outside, 'hidden.md'), 'hidden words');
    await symlink(join(outside, 'hidden.md'), join(root, 'README.md'));
    const context = encodeContext({ project: { key: 'name:shop', name: 'shop', root } });
    const { status, data } = await call('get_project_context', {}, { [CONTEXT_HEADER]: context });
    expect(status).toBe(200);
    expect(JSON.stringify(data)).not.toContain('hidden words');
  });
});

describe('SQL in every text', () => {
  const SQL = [
    "'; DROP TABLE conversation_messages; --",
    "' OR '1'='1",
    '" OR 1=1 --',
    "\\'; SELECT pg_sleep(30); --",
    '$$; DELETE FROM conversation_sessions; $$',
    '%',
  ];
  /** The server's end is no answer to look at; SQL is what the other is for. */
  const APART = new Set(['stop_server', 'run_sql']);

  it.each(Object.keys(tools).filter((name) => !APART.has(name)))('%s', async (name) => {
    for (const text of SQL) {
      for (const args of argumentsWith(tools[name as ToolName].input, text)) {
        const began = Date.now();
        const answer = await server.request('/mcp/tools/call', {
          method: 'POST',
          body: JSON.stringify({ tool_name: name, arguments: args }),
        });
        const { error } = await envelopeOf(answer);
        expect(answer.status, `${JSON.stringify(args)}: ${error?.message}`).toBeLessThan(500);
        expect(Date.now() - began).toBeLessThan(20_000);
      }
    }
    const { lines } = await server.call('export_messages', { session_id: canary.session_id });
    expect(lines.map(({ content }) => content)).toEqual(['a canary sings']);
  });

  /** Rows of every table. */
  async function rowCounts(): Promise<Record<string, string>> {
    const { rows: names } = await server.call('run_sql', {
      sql: "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    });
    const each = names.map(([name]) => `SELECT '${name}', count(*) FROM "${name}"`);
    const { rows } = await server.call('run_sql', { sql: each.join(' UNION ALL ') });
    return Object.fromEntries(rows.map(([name, number]) => [String(name), String(number)]));
  }

  /** Where what is given is kept, as the text that it is; everything else stays as it is. */
  const KEEPS: Record<string, string[]> = {
    putContext: ['context_entries'],
    upsertVectors: ['memory_vectors'],
    setModelAlias: ['model_aliases'],
    createReceiver: ['webhook_receivers', 'audit_log'],
  };
  /** What captured turns tell of their models is read into these in the background. */
  const IN_BACKGROUND = ['models', 'model_events', 'model_calls', 'model_rollups', 'ai_settings'];
  /** They take nothing, or numbers and choices alone. */
  const WITHOUT_TEXT = new Set([
    ...['listTokens', 'rotateKeys', 'listMetrics', 'getHotMemory', 'getConversationStatistics'],
    ...['getAiSettings', 'getModelHealth', 'listModelPerformance', 'listModelViolations'],
    ...['listModelRules', 'exportModels', 'listModelAliases', 'listModelConnections'],
    ...['integrationStatus', 'listIntegrations', 'listIntegrationTemplates'],
    ...['listWebhookEventTypes', 'listWebhooks', 'listReceivers'],
  ]);

  it.each(Object.keys(endpoints))('/api/v1: %s', async (name) => {
    const contract: EndpointContract = endpoints[name as EndpointName];
    const { params, query, body } = contract;
    const fields = z.object({ ...params.shape, ...query.shape, ...body.shape });
    const before = await rowCounts();
    let tried = 0;
    for (const text of SQL) {
      for (const input of argumentsWith(fields, text)) {
        tried += 1;
        const { url, method, body: content } = endpointRequest(contract, { ...input });
        const controller = new AbortController();
        const began = Date.now();
        const answer = await server.request(url, {
          method,
          signal: controller.signal,
          ...(content === undefined ? {} : { body: JSON.stringify(content) }),
        });
        const told = answer.ok ? '' : JSON.stringify((await envelopeOf(answer)).error);
        expect(answer.status, `${method} ${url} ${JSON.stringify(content)}: ${told}`).toBeLessThan(
          500,
        );
        expect(Date.now() - began).toBeLessThan(20_000);
        controller.abort();
      }
    }
    expect([name, tried > 0]).toEqual([name, !WITHOUT_TEXT.has(name)]);
    const after = await rowCounts();
    const others = [...(KEEPS[name] ?? []), ...IN_BACKGROUND];
    for (const table of others) after[table] = before[table] ?? '';
    expect(after, name).toEqual(before);
  });

  it.each([
    'DROP TABLE conversation_messages',
    'DELETE FROM conversation_messages',
    'SELECT 1; DELETE FROM conversation_messages',
    "COPY conversation_messages TO '/tmp/turnkeep-attack'",
    "COPY conversation_messages TO PROGRAM 'cat'",
    'DO $$ BEGIN DELETE FROM conversation_messages; END $$',
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT lo_import('/etc/passwd')",
    'COMMIT; DELETE FROM conversation_messages',
  ])('run_sql without `write` refuses %s', async (sql) => {
    // Refused for what it would do, not for a name that is wrong.
    await expect(server.call('run_sql', { sql })).rejects.toThrow(
      /read-only|permission denied|one statement|one SQL|refused|not allowed|cannot|must be/i,
    );
    await expect(server.call('run_sql', { sql })).rejects.not.toThrow('does not exist');
  });

  it('run_sql without `write` stays without rights, whatever a statement before it set', async () => {
    for (const sql of ['SET ROLE postgres', 'RESET ROLE', 'SET SESSION AUTHORIZATION postgres']) {
      await server.call('run_sql', { sql }).catch(() => null);
      const { rows } = await server.call('run_sql', { sql: 'SELECT current_user' });
      expect(rows).toEqual([['pg_read_all_data']]);
      await expect(
        server.call('run_sql', { sql: "SELECT pg_read_file('/etc/passwd')" }),
      ).rejects.toThrow('permission denied');
    }
  });
});

describe('slowness', () => {
  it('a head that never ends is closed', async () => {
    const head = `GET /health HTTP/1.1\r\nHost: 127.0.0.1:${port()}\r\nX-Slow: `;
    const answer = await sendRaw(server.url, head, 30_000);
    expect(statusOf(answer)).toBe(408);
  });
  it('a body that never ends is closed', async () => {
    const slow = await listen(async (request) => new Response(await request.text()), 0);
    expect(slow.server.requestTimeout).toBe(120_000);
    slow.server.requestTimeout = 1000;
    slow.server.headersTimeout = 500;
    const head = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc';
    expect(statusOf(await sendRaw(slow.url, head, 15_000))).toBe(408);
    slow.server.close();
  });
});

it('leaves nothing behind: no text of theirs, no fault, no other tool', async () => {
  const { health } = await server.call('get_server_status', {});
  expect(health).toMatchObject({ status: 'ok', error_rate: 0 });
  const { rows } = await server.call('run_sql', {
    sql: "SELECT count(*) FROM conversation_messages WHERE content = 'evil'",
  });
  expect(rows).toEqual([['0']]);
  expect(({} as Record<string, unknown>).query).toBeUndefined();
});
