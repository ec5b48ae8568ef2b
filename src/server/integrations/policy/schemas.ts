import type { ValidateFunction } from 'ajv/dist/2020.js';

export type { ValidateFunction };

/**
 * Makes checks of JSON Schemas (2020-12). They are made when a policy first needs one: most servers
 * never do. `format` is no check, as the standard has it. The function throws for what is no schema.
 */
export async function schemaCompiler(): Promise<(schema: object) => ValidateFunction> {
  const { Ajv2020 } = await import('ajv/dist/2020.js');
  return (schema) =>
    new Ajv2020({ strict: false, logger: false, validateFormats: false }).compile(schema);
}
