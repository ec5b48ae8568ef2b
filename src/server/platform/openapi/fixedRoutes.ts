import { z } from 'zod';
import { healthSchema } from '../../../contracts/server.ts';
import type { ToolContract } from '../../../contracts/tool.ts';
import { tools } from '../../../contracts/tools.ts';
import { envelopeOf, type JsonObject, schemaOf } from './schemas.ts';
import { bodyFailures, requestIdHeader, usualFailures } from './shared.ts';

const parameters = ['RequestId', 'Context'].map((name) => ({
  $ref: `#/components/parameters/${name}`,
}));
const keyed = [...parameters, { $ref: '#/components/parameters/IdempotencyKey' }];
const known = Object.entries<ToolContract>(tools);
const refs = (part: string) =>
  known.map(([name]) => ({ $ref: `#/components/schemas/${name}_${part}` }));

/** Arguments and result of each tool, by the tool's name. */
export function toolSchemas(): JsonObject {
  return Object.fromEntries(
    known.flatMap(([name, contract]) => [
      [
        `${name}_call`,
        {
          type: 'object',
          description: `${contract.description} Needs the permission \`${contract.permission}\`.`,
          required: ['tool_name'],
          properties: {
            tool_name: { const: name },
            arguments: schemaOf(contract.input, 'input'),
          },
        },
      ],
      [`${name}_result`, schemaOf(contract.output, 'output')],
    ]),
  );
}

const listedTool = schemaOf(
  z.object({
    name: z.string(),
    title: z.string(),
    description: z.string(),
    inputSchema: z.record(z.string(), z.unknown()),
    outputSchema: z.record(z.string(), z.unknown()),
    annotations: z.record(z.string(), z.unknown()),
  }),
  'output',
);

const content = (type: string, schema: JsonObject) => ({ [type]: { schema } });
const answer = (description: string, type: string, schema: JsonObject) => ({
  '200': { description, headers: requestIdHeader, content: content(type, schema) },
});
const open = { security: [] };
const openFailures = { '403': usualFailures['403'], default: usualFailures.default };
const message = { type: 'object', description: 'A message of JSON-RPC 2.0.' };
const rpc = { oneOf: [message, { type: 'array', items: message }] };

/** The routes that are no endpoints of `/api`. */
export function fixedPaths(): JsonObject {
  return {
    '/health': {
      get: {
        ...{ operationId: 'getHealth', tags: ['Server'], summary: 'Whether all is well', ...open },
        responses: {
          ...answer('How the server is.', 'application/json', schemaOf(healthSchema, 'output')),
          ...openFailures,
        },
      },
    },
    '/metrics': {
      get: {
        ...{ operationId: 'getPrometheusMetrics', tags: ['Metrics'], parameters },
        summary: 'What the server measures, as Prometheus reads it',
        description: 'Needs the permission `server:read`.',
        responses: { ...answer('Measures.', 'text/plain', { type: 'string' }), ...usualFailures },
      },
    },
    '/openapi.json': {
      get: {
        ...{ operationId: 'getOpenApi', tags: ['Server'], summary: 'This document', ...open },
        responses: {
          ...answer('OpenAPI 3.1.', 'application/json', { type: 'object' }),
          '304': { description: 'Nothing has changed.' },
          ...openFailures,
        },
      },
    },
    '/docs': {
      get: {
        ...{ operationId: 'getDocs', tags: ['Server'], summary: 'A page to read and try it' },
        ...open,
        responses: { ...answer('HTML.', 'text/html', { type: 'string' }), ...openFailures },
      },
    },
    '/mcp/tools': {
      get: {
        ...{ operationId: 'listTools', tags: ['Tools'], parameters },
        summary: 'The tools that AI clients are shown, as far as the token may call them',
        responses: {
          ...answer('Tools.', 'application/json', {
            type: 'object',
            required: ['tools'],
            properties: { tools: { type: 'array', items: listedTool } },
          }),
          ...usualFailures,
        },
      },
    },
    '/mcp/tools/call': {
      post: {
        ...{ operationId: 'callTool', tags: ['Tools'], parameters: keyed },
        summary: 'Call a tool by its name',
        description: 'Also those that are not listed. `name` is another name of `tool_name`.',
        requestBody: {
          required: true,
          content: content('application/json', { oneOf: refs('call') }),
        },
        responses: {
          ...answer(
            'The result of the tool.',
            'application/json',
            envelopeOf({ anyOf: refs('result') }),
          ),
          ...usualFailures,
          ...bodyFailures,
        },
      },
    },
    '/mcp': {
      post: {
        ...{ operationId: 'postMcp', tags: ['Tools'], parameters },
        summary: 'MCP over streamable HTTP: protocol 2026-07-28 and 2025-11-25',
        requestBody: { required: true, content: content('application/json', rpc) },
        responses: {
          '200': {
            description: 'An answer, or a stream of messages.',
            content: {
              ...content('application/json', rpc),
              ...content('text/event-stream', { type: 'string' }),
            },
          },
          '202': { description: 'Taken; there is nothing to answer.' },
          ...usualFailures,
          ...bodyFailures,
        },
      },
      get: {
        ...{ operationId: 'getMcp', tags: ['Tools'], parameters },
        summary: 'Messages of the server to a session of MCP 2025-11-25',
        responses: {
          ...answer('A stream of messages.', 'text/event-stream', { type: 'string' }),
          ...usualFailures,
        },
      },
      delete: {
        ...{ operationId: 'deleteMcp', tags: ['Tools'], parameters },
        summary: 'End a session of MCP 2025-11-25',
        responses: { '200': { description: 'Ended.' }, ...usualFailures },
      },
    },
  };
}
