import type { z } from 'zod';
import type { EndpointContract } from '../../../contracts/endpoint.ts';
import { endpoints } from '../../../contracts/endpoints.ts';
import { typeOf } from './fields.ts';

/** Every endpoint by its tag, a line each. */
export function listEndpoints(): string {
  const all = Object.entries<EndpointContract>(endpoints);
  const width = Math.max(...all.map(([name]) => name.length));
  const tags = [...new Set(all.map(([, { tag }]) => tag))];
  const parts = tags.map((tag) => {
    const lines = all
      .filter(([, contract]) => contract.tag === tag)
      .map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
    return [`${tag}:`, ...lines].join('\n');
  });
  return parts.join('\n\n');
}

/** What an endpoint takes, and an example of it. */
export function describeEndpoint(name: string, contract: EndpointContract): string {
  const { method, path, permission, summary, description, params, query, body } = contract;
  const shape: Record<string, z.ZodType> = { ...params.shape, ...query.shape, ...body.shape };
  const names = Object.keys(shape);
  const width = Math.max(0, ...names.map((field) => field.length));
  const fields = Object.entries(shape).map(([field, schema]) => {
    const needed = schema.safeParse(undefined).success ? '' : ', needed';
    const told = schema.description ? `. ${schema.description}` : '';
    return `  ${field.padEnd(width)}  ${typeOf(schema) ?? 'JSON'}${needed}${told}`;
  });
  const [example] = contract.examples ?? [];
  return [
    `${name}: ${summary}`,
    ...(description ? [description] : []),
    `${method} ${path}, permission ${permission}`,
    ...(fields.length > 0 ? ['', 'Fields:', ...fields] : []),
    ...(example ? ['', `${example.summary}:`, `  ${JSON.stringify(example.input)}`] : []),
  ].join('\n');
}
