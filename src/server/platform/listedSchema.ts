import { z } from 'zod';

/** Formats that say as much as the pattern that zod adds to them. */
const FORMATS: ReadonlySet<unknown> = new Set(['uuid', 'date-time', 'date', 'email']);

/**
 * The JSON Schema of a tool as it is listed: what a model needs, and no more, for every client pays
 * for each word of it. What the server checks is the zod schema. Left out are `$schema` (VS Code
 * would fetch that address, and offline drop the tool), patterns of known formats, the bounds of
 * whole numbers in general, and for results the ban on more properties: a newer server may have some.
 */
export function listedSchema(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    override({ jsonSchema: node }) {
      if (FORMATS.has(node.format)) delete node.pattern;
      if (node.maximum === Number.MAX_SAFE_INTEGER) delete node.maximum;
      if (node.minimum === Number.MIN_SAFE_INTEGER) delete node.minimum;
      // JSON knows no other names than texts.
      delete node.propertyNames;
      if (isEmpty(node.additionalProperties)) node.additionalProperties = true;
      if (io === 'output' && node.additionalProperties === false) delete node.additionalProperties;
    },
  });
  return rest;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
