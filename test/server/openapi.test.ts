import { readFileSync } from 'node:fs';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { endpoints } from '../../src/contracts/endpoints.ts';
import { errorTable } from '../../src/contracts/errors.ts';
import { PERMISSIONS } from '../../src/contracts/tool.ts';
import { tools } from '../../src/contracts/tools.ts';
import { SIGNED_PATH } from '../../src/contracts/webhooks.ts';
import { type AppOptions, createApp } from '../../src/server/platform/http/app.ts';
import { IdleWatch } from '../../src/server/platform/idle.ts';
import { openApiDocument } from '../../src/server/platform/openapi/document.ts';
import { removeHome, startTestServer, type TestServer } from '../support/server.ts';

type Json = Record<string, unknown>;

const document = openApiDocument(endpoints);
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

const reference = z.strictObject({ $ref: z.string().startsWith('#/components/') });
const schema = z.record(z.string(), z.unknown());
const parameter = z.strictObject({
  name: z.string().min(1),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean(),
  description: z.string().optional(),
  schema,
  example: z.unknown().optional(),
});
const header = z.strictObject({ description: z.string().optional(), schema });
const media = z.strictObject({
  schema,
  examples: z
    .record(z.string(), z.strictObject({ summary: z.string(), value: z.unknown() }))
    .optional(),
});
const content = z.record(z.string().regex(/^[\w.+-]+\/[\w.+-]+$/), media);
const response = z.strictObject({
  description: z.string().min(1),
  headers: z.record(z.string(), header).optional(),
  content: content.optional(),
});
const operation = z.strictObject({
  operationId: z.string().regex(/^[a-zA-Z]+$/),
  tags: z.array(z.string()).length(1),
  summary: z.string().min(5).max(120),
  description: z.string().optional(),
  deprecated: z.literal(true).optional(),
  'x-permission': z.enum(PERMISSIONS).optional(),
  security: z.array(z.never()).optional(),
  parameters: z.array(z.union([parameter, reference])).optional(),
  requestBody: z.strictObject({ required: z.literal(true), content }).optional(),
  responses: z.record(z.string().regex(/^([1-5]\d\d|default)$/), z.union([response, reference])),
});
/** What OpenAPI 3.1 says of a document, as far as ours uses it. */
const openApi = z.strictObject({
  openapi: z.string().regex(/^3\.1\.\d$/),
  info: z.strictObject({
    title: z.string(),
    version: z.string(),
    description: z.string(),
    license: z.strictObject({ name: z.string(), identifier: z.string() }),
  }),
  servers: z.array(z.strictObject({ url: z.string(), description: z.string() })),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  tags: z.array(z.strictObject({ name: z.string(), description: z.string() })),
  paths: z.record(z.string().startsWith('/'), z.partialRecord(z.enum(METHODS), operation)),
  components: z.strictObject({
    schemas: z.record(z.string().regex(/^[\w.-]+$/), schema),
    parameters: z.record(z.string(), parameter),
    responses: z.record(z.string(), response),
    securitySchemes: z.strictObject({ bearer: schema, apiKey: schema }),
  }),
});

/** Every object in a value, with the path to it. */
function* objectsIn(value: unknown, path = '#'): Generator<[path: string, object: Json]> {
  if (typeof value !== 'object' || value === null) return;
  yield [path, value as Json];
  for (const [name, inner] of Object.entries(value)) yield* objectsIn(inner, `${path}/${name}`);
}

const operations = Object.entries(document.paths as Record<string, Json>).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([method, given]) => ({
      ...{ path, method: method.toUpperCase(), operation: given as z.infer<typeof operation> },
    })),
);

describe('the document', () => {
  it('has the form of OpenAPI 3.1', () => {
    const { error } = openApi.safeParse(document);
    expect(error?.issues ?? []).toEqual([]);
  });

  it('refers to what is there, and to all of it', () => {
    const used = new Set<string>();
    for (const [path, object] of objectsIn(document)) {
      if (typeof object.$ref !== 'string') continue;
      const target = object.$ref.slice(2).split('/');
      const found = target.reduce<unknown>(
        (at, part) => (at as Json | undefined)?.[part],
        document,
      );
      expect([path, object.$ref, found !== undefined]).toEqual([path, object.$ref, true]);
      used.add(object.$ref);
    }
    const { components } = document as { components: Record<string, Json> };
    const unused = ['schemas', 'parameters', 'responses'].flatMap((kind) =>
      Object.keys(components[kind] ?? {})
        .map((name) => `#/components/${kind}/${name}`)
        .filter((ref) => !used.has(ref)),
    );
    expect(unused).toEqual([]);
  });

  it('names each operation once, its tag, and the fields of its path', () => {
    const ids = operations.map((one) => one.operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const tags = (document.tags as { name: string }[]).map(({ name }) => name);
    for (const { path, operation: one } of operations) {
      expect(tags).toContain(one.tags[0]);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const told = (one.parameters ?? []).flatMap((given) =>
        'in' in given && given.in === 'path' ? [given.name] : [],
      );
      expect([path, told]).toEqual([path, inPath]);
    }
  });

  it('has no keyword that JSON Schema 2020-12 lacks, and no schema of an older draft', () => {
    for (const [path, object] of objectsIn((document.components as Json).schemas)) {
      for (const word of ['nullable', '$schema', '$defs', 'definitions', 'id']) {
        const isProperty = path.endsWith('/properties');
        if (!isProperty) expect([path, word in object]).toEqual([path, false]);
      }
    }
  });

  it('tells every tool with its arguments and its result', () => {
    const { schemas } = document.components as { schemas: Json };
    for (const name of Object.keys(tools)) {
      expect(schemas).toHaveProperty(`${name}_call`);
      expect(schemas).toHaveProperty(`${name}_result`);
    }
  });
});

/**
 * What Redocly's linter finds wrong, with every rule that it recommends but one. It calls
 * `/models/aliases/{alias}` and `/models/{model_id}/check` ambiguous, as if a model could be called
 * `aliases`: such ids are refused (test/server/models.test.ts), and fixed words are matched first.
 */
async function lint(given: Json): Promise<string[]> {
  const config = await createConfig({
    extends: ['recommended-strict'],
    rules: {
      'no-ambiguous-paths': 'off',
      'operation-tag-defined': 'error',
      'operation-singular-tag': 'error',
      'path-params-defined': 'error',
      'no-http-verbs-in-paths': 'error',
    },
  });
  const source = JSON.stringify(given);
  const problems = await lintFromString({ source, absoluteRef: 'openapi.json', config });
  return problems.map(({ ruleId, message, location }) =>
    [ruleId, location[0]?.pointer, message].join(' '),
  );
}

describe('a linter', () => {
  it('has nothing to say of the document, neither error nor warning', async () => {
    expect(await lint(document)).toEqual([]);
  });

  it('is heard when there is something', async () => {
    const broken = structuredClone(document) as { paths: Record<string, Record<string, Json>> };
    const health = broken.paths['/health']?.get ?? {};
    delete health.operationId;
    health.tags = ['Unknown'];
    health.parameters = [{ name: 'x', in: 'query', schema: { type: 'text' } }];
    const rules = (await lint(broken)).map((line) => line.split(' ')[0]);
    expect(rules).toEqual(
      expect.arrayContaining(['operation-operationId', 'operation-tag-defined', 'struct']),
    );
  });
});

describe('definitions', () => {
  it('have fields of different names, and paths that no other one takes', () => {
    const patterns = new Map<string, string>();
    for (const [name, { method, path, params, query, body }] of Object.entries(endpoints)) {
      const fields = [params, query, body].flatMap((part) => Object.keys(part.shape));
      expect([name, new Set(fields).size]).toEqual([name, fields.length]);
      const pattern = `${method} ${path.replace(/\{\w+\}/g, '{}')}`;
      expect(patterns.get(pattern)).toBeUndefined();
      patterns.set(pattern, name);
    }
  });

  it('honour an Idempotency-Key with every write, and read with GET', () => {
    for (const [name, contract] of Object.entries(endpoints)) {
      const reads = contract.permission.endsWith(':read');
      if (contract.method === 'GET') expect([name, reads]).toEqual([name, true]);
      // What is called outside has to know the same call again itself: its answer is not kept here.
      const writes = !reads && !contract.permission.endsWith(':call');
      if (writes) expect([name, contract.use ?? []]).toEqual([name, ['idempotent']]);
    }
  });
});

describe('docs/protocol.md', () => {
  const text = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');
  it('names every route with its permission, and every code with its status and exit code', () => {
    const rows = text.split('\n').filter((line) => line.startsWith('| `'));
    for (const { method, path, permission } of Object.values(endpoints)) {
      const start = `| \`${method} ${path}\` | \`${permission}\` |`;
      expect([start, rows.some((row) => row.startsWith(start))]).toEqual([start, true]);
    }
    for (const [code, { status, exit }] of Object.entries(errorTable)) {
      const start = `| \`${code}\` | ${status} | ${exit} |`;
      expect([start, rows.some((row) => row.startsWith(start))]).toEqual([start, true]);
    }
  });
});

describe('the routes of the server', () => {
  it('are those of the document, and the other way round', () => {
    const none = {} as AppOptions;
    const app = createApp({
      ...none,
      idle: new IdleWatch(0),
      rateLimit: 0,
      endpoints: {} as never,
      signed: [{ path: SIGNED_PATH, maxBodyBytes: 1, handle: async () => null }],
    });
    expect(app).toBeInstanceOf(Hono);
    const routes = app.routes
      .filter(({ path }) => !path.includes('*'))
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    const described = operations.map(({ method, path }) =>
      path === '/mcp' ? 'ALL /mcp' : `${method} ${path}`,
    );
    expect(new Set(routes)).toEqual(new Set(described));
  });
});

describe('over HTTP', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ env: { POSTGRES_DSN: 'mock://test' } });
  });
  afterAll(async () => {
    await server.stop();
    await removeHome(server.home);
  });

  it('gives the document without a token, with an ETag', async () => {
    const answer = await fetch(`${server.url}/openapi.json`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('application/json');
    const given = (await answer.json()) as Json;
    expect(Object.keys(given.paths as Json)).toEqual(Object.keys(document.paths as Json));
    const headers = { 'if-none-match': String(answer.headers.get('etag')) };
    expect((await fetch(`${server.url}/openapi.json`, { headers })).status).toBe(304);
  });

  it('gives a page that asks nobody else and runs nothing but its own', async () => {
    const answer = await fetch(`${server.url}/docs`);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = String(answer.headers.get('content-security-policy'));
    for (const part of [
      "default-src 'none'",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]) {
      expect(policy).toContain(part);
    }
    expect(policy).not.toContain('unsafe');
    expect(answer.headers.get('x-frame-options')).toBe('DENY');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    const html = await answer.text();
    expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(html).not.toMatch(/ on\w+=|javascript:| style="/);
    for (const [, tag, text] of html.matchAll(/<(script|style)>([\s\S]*?)<\/\1>/g)) {
      const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
      expect(policy).toContain(`${tag}-src 'sha256-${Buffer.from(digest).toString('base64')}'`);
    }
    for (const { operation: one } of operations) expect(html).toContain(`id="${one.operationId}"`);
  });
});
