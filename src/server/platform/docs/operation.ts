import type { JsonObject } from '../openapi/schemas.ts';
import { escaped, inline, prose } from './html.ts';

type Parameter = {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  description?: string;
  schema: JsonObject;
  example?: unknown;
};
export type Operation = {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  deprecated?: boolean;
  parameters?: (Parameter | { $ref: string })[];
  requestBody?: { content: JsonObject };
  responses: JsonObject;
};
type Media = { schema?: JsonObject; examples?: Record<string, { value: unknown }> };

const json = (value: unknown) => escaped(JSON.stringify(value, null, 2));

/** Follows references into the document; one schema inside of itself does not come here. */
function resolved(document: JsonObject, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => resolved(document, item));
  if (typeof value !== 'object' || value === null) return value;
  const { $ref } = value as { $ref?: unknown };
  if (typeof $ref === 'string') {
    const target = $ref
      .slice(2)
      .split('/')
      .reduce<unknown>((at, part) => (at as JsonObject)[part], document);
    return resolved(document, target);
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, resolved(document, inner)]),
  );
}

function rows(parameters: Parameter[]): string {
  return parameters
    .map(
      ({ name, in: place, required, description = '', schema }) =>
        `<tr><td><code>${escaped(name)}</code></td><td>${place}${required ? ', needed' : ''}</td><td>${inline(description)} <code>${escaped(JSON.stringify(schema))}</code></td></tr>`,
    )
    .join('');
}

function field(id: string, { name, in: place, required, example }: Parameter): string {
  const value = required && example !== undefined ? ` value="${escaped(String(example))}"` : '';
  return `<label for="${id}">${escaped(name)}</label><input id="${id}" name="${escaped(name)}" data-in="${place}"${required ? ' required' : ''}${value} autocomplete="off">`;
}

function tryIt(method: string, path: string, operation: Operation, media: Media | undefined) {
  const { operationId } = operation;
  const fields = (operation.parameters ?? [])
    .filter((given): given is Parameter => 'in' in given && given.in !== 'header')
    .map((given, index) => field(`${operationId}-${index}`, given));
  const example = Object.values(media?.examples ?? {})[0]?.value ?? {};
  const body = media
    ? `<label for="${operationId}-body">Body (JSON)</label><textarea id="${operationId}-body" name="body" data-in="body">${json(example)}</textarea>`
    : '';
  return `<form data-method="${method}" data-path="${escaped(path)}">${fields.join('')}${body}<button type="submit">Send</button><pre><output aria-live="polite"></output></pre></form>`;
}

/** One operation, folded. */
export function operationHtml(
  document: JsonObject,
  method: string,
  path: string,
  operation: Operation,
): string {
  const parameters = (operation.parameters ?? []).map(
    (given) => resolved(document, given) as Parameter,
  );
  const media = operation.requestBody?.content['application/json'] as Media | undefined;
  const [, success] = Object.entries(operation.responses)[0] ?? [];
  const content = (success as { content?: Record<string, Media> } | undefined)?.content ?? {};
  const [type, answer] = Object.entries(content)[0] ?? [];
  // Fifty tools in one: each is told under its name, by GET /mcp/tools and in the document.
  const isTool = operation.operationId === 'callTool';
  const shown = (schema: unknown) => json(isTool ? schema : resolved(document, schema));
  return `<details class="operation" id="${operation.operationId}"><summary><span class="method">${method}</span> <code${operation.deprecated ? ' class="old"' : ''}>${escaped(path)}</code> ${inline(operation.summary)}</summary><div>
${prose(operation.description ?? '')}
${parameters.length > 0 ? `<table><thead><tr><th>Field</th><th>Where</th><th>What</th></tr></thead><tbody>${rows(parameters)}</tbody></table>` : ''}
${media?.schema ? `<details><summary>Body</summary><pre>${shown(media.schema)}</pre></details>` : ''}
${type && answer?.schema ? `<details><summary>Answer (${escaped(type)})</summary><pre>${shown(answer.schema)}</pre></details>` : ''}
<details><summary>Try it</summary>${tryIt(method, path, operation, media)}</details>
</div></details>`;
}
