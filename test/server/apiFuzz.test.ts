import { request as httpRequest } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { CONTEXT_HEADER, encodeContext } from '../../src/contracts/context.ts';
import type { EndpointContract } from '../../src/contracts/endpoint.ts';
import { endpoints } from '../../src/contracts/endpoints.ts';
import { errorTable } from '../../src/contracts/errors.ts';
import type { ToolContract } from '../../src/contracts/tool.ts';
import { tools } from '../../src/contracts/tools.ts';
import { encodeCursor } from '../../src/server/platform/cursor.ts';
import { clientOf, inProject } from '../support/api.ts';
import { type Known, SchemaArbitrary } from '../support/schemaArbitrary.ts';
import { makeHome, removeHome, startTestServer, type TestServer } from '../support/server.ts';

/** `npm run bench:fuzz -- --requests 20000` asks for more, and for all of them however long it takes. */
const { TURNKEEP_FUZZ_RUNS, TURNKEEP_FUZZ_SEED } = process.env;
const RUNS = Number(TURNKEEP_FUZZ_RUNS ?? 2_000);
/** Without that it ends when a slow computer has sent fewer in this time. */
const ENDS_AFTER_MS = TURNKEEP_FUZZ_RUNS ? null : 45_000;
const ANSWERS_WITHIN_MS = 10_000;

type Json = Record<string, unknown>;
type Asked = {
  operation: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | null;
};
type Parameter = { name: string; in: string; required: boolean; schema: Json };

/** Places that cursors of ours name, and what somebody could make of them. */
const PLACES = [
  { position: 3 },
  { position: 2 ** 40 },
  { position: -1.5 },
  { key: 'o' },
  { file: 1, before: 200 },
  { file: 10 ** 9, before: 2 ** 53 },
  { at: '2026-01-01T00:00:00Z', id: '01a2b3c4-0000-7000-8000-000000000000' },
  { at: '0000-01-01T00:00:00Z', id: '01a2b3c4-0000-7000-8000-000000000000' },
  { at: '2026-01-01T00:00:00.123456789Z', id: '01a2b3c4-0000-7000-8000-000000000000' },
  { at: '2026-01-01T00:00:00Z', session: 'x', position: 7 },
  { model_id: 'a' },
  { at: '2026-01-01T00:00:00Z', event_id: 'x' },
  { entry_id: '0000000000000001' },
];

let server: TestServer;
let person: string;
let asked: fc.Arbitrary<Asked>;
const operations: string[] = [];

beforeAll(async () => {
  person = await makeHome();
  server = await startTestServer({
    env: {
      ...{ POSTGRES_DSN: 'mock://test', TURNKEEP_RATE_LIMIT: '0' },
      // Tools that look at the person's own files find an empty home.
      ...{ HOME: person, USERPROFILE: person, APPDATA: person, LOCALAPPDATA: person },
    },
  });
  const stored = await server.call(
    'capture_turns',
    {
      turns: Array.from({ length: 20 }, (_, n) => ({
        query: `What ${n}?`,
        response: `That ${n}.`,
      })),
    },
    inProject('fuzzed'),
  );
  const client = clientOf(server);
  await client.request('putModelConnection', {
    ...{ connection_id: 'nowhere', kind: 'openai-compatible', base_url: 'http://127.0.0.1:9' },
    enabled: false,
  });
  await client.request('registerModel', {
    ...{ model_id: 'known-model', model_name: 'known', provider: 'nobody', aliases: ['best'] },
    connection_id: 'nowhere',
  });
  const { messages } = await server.call('get_session', { session_id: stored.session_id });
  const known: Known = {
    session_id: [stored.session_id],
    turn_id: stored.turn_ids,
    item_id: [...stored.turn_ids, ...messages.map(({ message_id }) => message_id)],
    thread_id: [stored.thread_id],
    project: ['fuzzed', '*'],
    key: ['one', 'two'],
    name: ['requests', 'memory_bytes'],
    query: ['what', 'that 7'],
    model_id: ['known-model', 'known', 'best'],
    model: ['known-model', 'best'],
    alias: ['best'],
    connection_id: ['nowhere'],
    integration_id: ['one', 'two'],
    integration: ['one', 'two'],
    cursor: PLACES.map((place) => encodeCursor(place)),
    [CONTEXT_HEADER]: [encodeContext(inProject('fuzzed')), encodeContext({ origin: 'o' })],
  };
  const document = (await (await server.request('/openapi.json')).json()) as Json;
  asked = requestsOf(document, known);
});
afterAll(async () => {
  await server.stop();
  await removeHome(server.home);
  await removeHome(person);
});

/** Tools that end the server, or read and write files that a made-up argument names. */
const LEFT_OUT = new Set(['find_history', 'import_history', 'record_chat_history']);
/** Routes that call whatever address a made-up connection or system names. */
const CALLS_OUT = new Set(['discoverModels', 'testModel']);
const callsOut = (operation: string) =>
  CALLS_OUT.has(operation) || contracts[operation]?.permission.endsWith(':call') === true;
const mayCall = ([name, contract]: [string, ToolContract]) =>
  contract.permission !== 'server:admin' && !LEFT_OUT.has(name);

function requestsOf(document: Json, known: Known): fc.Arbitrary<Asked> {
  const schemas = new SchemaArbitrary(document, known);
  const { parameters: shared } = document.components as { parameters: Record<string, Parameter> };
  const all: fc.Arbitrary<Asked>[] = [];
  for (const [path, methods] of Object.entries(document.paths as Record<string, Json>)) {
    if (path === '/mcp' || path === '/docs') continue;
    for (const [method, given] of Object.entries(methods)) {
      const operation = given as {
        operationId: string;
        parameters?: (Parameter | { $ref: string })[];
        requestBody?: { content: Record<string, { schema: Json }> };
      };
      if (callsOut(operation.operationId)) continue;
      const parameters = (operation.parameters ?? []).map((parameter) =>
        'name' in parameter
          ? parameter
          : (shared[parameter.$ref.split('/').pop() ?? ''] as Parameter),
      );
      const media = operation.requestBody?.content['application/json'];
      const schema =
        operation.operationId === 'callTool'
          ? {
              oneOf: Object.entries<ToolContract>(tools)
                .filter(mayCall)
                .map(([name]) => ({ $ref: `#/components/schemas/${name}_call` })),
            }
          : media?.schema;
      operations.push(operation.operationId);
      all.push(
        fc
          .record({
            values: fc.tuple(...parameters.map((one) => givenFor(schemas, one))),
            body: schema ? bodyOf(schemas, schema) : fc.constant(null),
          })
          .map(({ values, body }) =>
            assembled(operation.operationId, method.toUpperCase(), path, parameters, values, body),
          ),
      );
    }
  }
  return fc.oneof(...all);
}

function givenFor(schemas: SchemaArbitrary, parameter: Parameter): fc.Arbitrary<string | null> {
  const text = schemas.field(parameter.name, parameter.schema).map((value) => {
    return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
  });
  const weight = parameter.required ? 0 : parameter.in === 'header' ? 8 : 2;
  return fc.oneof({ weight: 3, arbitrary: text }, { weight, arbitrary: fc.constant(null) });
}

function bodyOf(schemas: SchemaArbitrary, schema: Json): fc.Arbitrary<string> {
  const json = schemas.valid(schema).map((value) => JSON.stringify(value) ?? '');
  return fc.oneof(
    { weight: 20, arbitrary: json },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 50 }) },
    { weight: 1, arbitrary: fc.jsonValue().map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: json.map((text) => text.slice(0, -1)) },
    { weight: 1, arbitrary: fc.nat(3_000).map((n) => '['.repeat(n) + ']'.repeat(n)) },
    { weight: 1, arbitrary: json.map((text) => text.replace('{', '{"__proto__":{"x":1},')) },
  );
}

function assembled(
  operation: string,
  method: string,
  path: string,
  parameters: Parameter[],
  values: (string | null)[],
  body: string | null,
): Asked {
  const headers: Record<string, string> = {};
  const query = new URLSearchParams();
  let filled = path;
  for (const [index, { name, in: place }] of parameters.entries()) {
    const value = values[index] ?? null;
    if (value === null) continue;
    const whole = value.toWellFormed();
    if (place === 'path') filled = filled.replace(`{${name}}`, encodeURIComponent(whole));
    else if (place === 'query') query.append(name, whole);
    // Node sends no header with controls in it, nor characters that have no byte.
    else headers[name] = whole.replace(/[^\x20-\x7e\x80-\xff]/g, '?').slice(0, 2_000);
  }
  const text = query.toString();
  return { operation, method, path: text === '' ? filled : `${filled}?${text}`, headers, body };
}

/** Sends it as it is: `fetch` would put paths with dots in order. */
function send({ method, path, headers, body }: Asked): Promise<{ status: number; text: string }> {
  const { port } = new URL(server.url);
  return new Promise((done, failed) => {
    const outgoing = httpRequest(
      {
        ...{ host: '127.0.0.1', port, path, method, timeout: ANSWERS_WITHIN_MS },
        headers: {
          ...headers,
          authorization: `Bearer ${server.token}`,
          ...(body === null
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        },
      },
      (incoming) => {
        const status = incoming.statusCode ?? 0;
        if (incoming.headers['content-type']?.startsWith('text/event-stream')) {
          incoming.destroy();
          done({ status, text: '' });
          return;
        }
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => done({ status, text: Buffer.concat(chunks).toString('utf8') }));
        incoming.on('error', failed);
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
    outgoing.on('error', failed);
    outgoing.end(body ?? undefined);
  });
}

const contracts: Record<string, EndpointContract> = endpoints;
const STREAMS = new Set(
  Object.entries(contracts).flatMap(([name, { answers }]) => (answers === 'events' ? [name] : [])),
);
const counts = new Map<number, number>();
const reached = new Set<string>();

/** Operations whose answer is no envelope when all is well. */
const PLAIN = new Set(['getHealth', 'getPrometheusMetrics', 'getOpenApi', 'listTools']);
const envelope = z.strictObject({
  success: z.boolean(),
  data: z.unknown(),
  error: z.union([z.null(), z.looseObject({ code: z.string(), message: z.string().min(1) })]),
  timestamp: z.iso.datetime(),
  request_id: z.string().min(1),
});

async function check(one: Asked): Promise<void> {
  const { status, text } = await send(one);
  counts.set(status, (counts.get(status) ?? 0) + 1);
  reached.add(one.operation);
  expect(status, text).toBeLessThan(500);
  if (status === 200 && (PLAIN.has(one.operation) || STREAMS.has(one.operation))) return;
  if (status === 304) return;
  const answer = envelope.parse(JSON.parse(text));
  if (status >= 400) {
    const code = answer.error?.code as keyof typeof errorTable;
    expect(errorTable[code]?.status, text).toBe(status);
    return;
  }
  const contract = contracts[one.operation];
  if (!contract) return;
  expect(answer.success).toBe(true);
  // What is answered is what the definition says.
  const { success, error } = contract.output.safeParse(answer.data);
  expect(success, JSON.stringify(error?.issues)).toBe(true);
}

it(
  `answers ${RUNS} made-up requests of its own OpenAPI in its envelope, none with a 5xx`,
  async () => {
    await fc.assert(fc.asyncProperty(asked, check), {
      numRuns: RUNS,
      ...(ENDS_AFTER_MS === null ? {} : { interruptAfterTimeLimit: ENDS_AFTER_MS }),
      ...(TURNKEEP_FUZZ_SEED ? { seed: Number(TURNKEEP_FUZZ_SEED) } : {}),
    });
    const health = (await (await fetch(`${server.url}/health`)).json()) as Json;
    expect(health).toMatchObject({ status: 'ok', error_rate: 0 });
    // Neither all refused nor all taken: the requests were of use, and of every operation.
    const sent = [...counts.values()].reduce((sum, count) => sum + count, 0);
    expect(counts.get(200) ?? 0).toBeGreaterThan(sent / 20);
    expect(counts.get(400) ?? 0).toBeGreaterThan(sent / 20);
    if (sent > 1_000) expect(operations.filter((name) => !reached.has(name))).toEqual([]);
    if (TURNKEEP_FUZZ_RUNS) {
      const answers = Object.fromEntries([...counts].sort(([a], [b]) => a - b));
      console.log(JSON.stringify({ sent, operations: reached.size, answers }));
    }
  },
  Math.max(120_000, RUNS * 60),
);
