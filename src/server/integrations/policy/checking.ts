import { TurnkeepError } from '../../../contracts/errors.ts';
import type { IntegrationPolicy } from '../../../contracts/integrationPolicy.ts';
import { fieldSchema } from './fieldSchema.ts';
import { schemaCompiler } from './schemas.ts';

function invalid(path: string, message: string): TurnkeepError {
  return new TurnkeepError('invalid_request', message, { fields: [{ path, message }] });
}

/**
 * Looks whether a policy can be carried out.
 * @throws TurnkeepError `invalid_request` for a JSON Schema or pattern that is none, and for rules
 *   that nothing can fulfil.
 */
export async function checkPolicy(policy: IntegrationPolicy): Promise<void> {
  const { body_schema, rules = [] } = policy;
  if (!body_schema && rules.length === 0) return;
  const compile = await schemaCompiler();
  if (body_schema) tried(compile, body_schema, 'policy.body_schema');
  for (const [at, rule] of rules.entries()) {
    const path = `policy.rules.${at}`;
    const { min, max, min_length, max_length } = rule;
    if (min !== undefined && max !== undefined && min > max) {
      throw invalid(path, `"${rule.field}": \`min\` is more than \`max\`.`);
    }
    if (min_length !== undefined && max_length !== undefined && min_length > max_length) {
      throw invalid(path, `"${rule.field}": \`min_length\` is more than \`max_length\`.`);
    }
    tried(compile, fieldSchema(rule), path);
  }
}

function tried(compile: (schema: object) => unknown, schema: object, path: string): void {
  try {
    compile(schema);
  } catch (error) {
    throw invalid(path, `This is no JSON Schema that can be used: ${(error as Error).message}`);
  }
}
