import type { ValidateFunction } from 'ajv';

export type SchemaCheck = ValidateFunction;

/**
 * Makes checks of JSON Schemas (2020-12). `format` is no check, as the standard has it. The function
 * that it gives throws for what is no schema.
 */
export async function schemaCompiler(): Promise<(schema: object) => SchemaCheck> {
  const { outbound } = await import('../outbound.ts');
  return (schema) =>
    new outbound.Ajv2020({ strict: false, logger: false, validateFormats: false }).compile(schema);
}
