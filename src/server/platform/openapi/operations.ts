import type { z } from 'zod';
import { type EndpointContract, isEmpty } from '../../../contracts/endpoint.ts';
import { envelopeOf, type JsonObject, schemaOf } from './schemas.ts';
import { bodyFailures, keyFailures, requestIdHeader, usualFailures } from './shared.ts';

const parameter = (name: string) => ({ $ref: `#/components/parameters/${name}` });

function fieldParameters(
  fields: z.ZodObject,
  place: 'path' | 'query',
  example: Record<string, unknown>,
): JsonObject[] {
  const { properties = {}, required = [] } = schemaOf(fields, 'input') as {
    properties?: Record<string, JsonObject>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    ...{ name, in: place, required: required.includes(name) },
    ...(description === undefined ? {} : { description }),
    schema,
    ...(name in example ? { example: example[name] } : {}),
  }));
}

function bodyOf({ body, examples = [] }: EndpointContract): JsonObject {
  if (isEmpty(body)) return {};
  const shown = examples.map(({ summary, input }, index) => {
    const value = Object.fromEntries(Object.entries(input).filter(([name]) => name in body.shape));
    return [`example${index + 1}`, { summary, value }];
  });
  const schema = schemaOf(body, 'input');
  const media = shown.length > 0 ? { schema, examples: Object.fromEntries(shown) } : { schema };
  return { requestBody: { required: true, content: { 'application/json': media } } };
}

function successes(contract: EndpointContract): JsonObject {
  const data = schemaOf(contract.output, 'output');
  const withTag = contract.use?.includes('etag')
    ? { ...requestIdHeader, ETag: { schema: { type: 'string' } } }
    : requestIdHeader;
  if (contract.answers === 'events') {
    const content = { 'text/event-stream': { schema: data } };
    const description =
      'Events; `data` of each is as told. One named `error` ends a stream that failed: its `data` is `#/components/schemas/Error`.';
    return { '200': { description, headers: withTag, content } };
  }
  const content = { 'application/json': { schema: envelopeOf(data) } };
  return {
    '200': { description: 'Done.', headers: withTag, content },
    ...(contract.alsoStatus?.includes(201)
      ? { '201': { description: 'Made.', headers: requestIdHeader, content } }
      : {}),
    ...(contract.use?.includes('etag')
      ? { '304': { description: 'Nothing has changed.', headers: withTag } }
      : {}),
  };
}

/** The operation of an endpoint. */
export function operationOf(name: string, contract: EndpointContract): JsonObject {
  const { method, params, query, use = [], examples = [], deprecated } = contract;
  const example = examples[0]?.input ?? {};
  const isWrite = method !== 'GET' && use.includes('idempotent');
  const needs = `Needs the permission \`${contract.permission}\`.`;
  return {
    operationId: name,
    tags: [contract.tag],
    summary: contract.summary,
    description: contract.description ? `${contract.description}\n\n${needs}` : needs,
    'x-permission': contract.permission,
    ...(deprecated ? { deprecated: true } : {}),
    parameters: [
      ...fieldParameters(params, 'path', example),
      ...fieldParameters(query, 'query', example),
      parameter('RequestId'),
      parameter('Context'),
      ...(isWrite ? [parameter('IdempotencyKey')] : []),
      ...(use.includes('etag') ? [parameter('IfNoneMatch')] : []),
      ...(contract.answers === 'events' && method === 'GET' ? [parameter('LastEventId')] : []),
    ],
    ...bodyOf(contract),
    responses: {
      ...successes(contract),
      ...usualFailures,
      ...(isEmpty(contract.body) ? {} : bodyFailures),
      ...(isWrite ? keyFailures : {}),
    },
  };
}
