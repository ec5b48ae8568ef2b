import { z } from 'zod';

/** Formats that say as much as the pattern that zod adds to them. */
const FORMATS: ReadonlySet<unknown> = new Set(['uuid', 'date-time', 'date', 'email']);

/** Texts that are this long are no limit that a model has to know of. */
const LONG = 1000;

/**
 * The JSON Schema of a tool as it is listed: what a model needs, and no more, for every client pays
 * for each word of it. What the server checks is the zod schema. Left out are `$schema` (VS Code
 * would fetch that address, and offline drop the tool), patterns of known formats, the bounds of
 * whole numbers in general and of long texts, and for results the ban on more properties (a newer
 * server may have some) and which are always there: a model has nothing to fill in. What a result has several times is there once, where that is shorter.
 */
export function listedSchema(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const inline = jsonSchema(schema, io, 'inline');
  if (io === 'input') return inline;
  const shared = jsonSchema(schema, io, 'ref');
  return JSON.stringify(shared).length < JSON.stringify(inline).length ? shared : inline;
}

function jsonSchema(
  schema: z.ZodType,
  io: 'input' | 'output',
  reused: 'inline' | 'ref',
): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    reused,
    override({ jsonSchema: node }) {
      if (FORMATS.has(node.format)) delete node.pattern;
      if (node.maximum === Number.MAX_SAFE_INTEGER) delete node.maximum;
      if (node.minimum === Number.MIN_SAFE_INTEGER) delete node.minimum;
      if (node.minLength === 1) delete node.minLength;
      if ((node.maxLength ?? 0) >= LONG) delete node.maxLength;
      // JSON knows no other names than texts.
      delete node.propertyNames;
      if (isEmpty(node.additionalProperties)) node.additionalProperties = true;
      if (io === 'input') return;
      if (node.additionalProperties === false) delete node.additionalProperties;
      delete node.required;
    },
  });
  return rest;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
