import type { FieldRule } from '../../../contracts/integrationPolicy.ts';

/** The JSON Schema that says of one value what a rule says. Lengths are of texts and of lists. */
export function fieldSchema(rule: FieldRule): Record<string, unknown> {
  const { type, pattern, min, max, min_length, max_length, schema } = rule;
  const given = Object.entries({
    type,
    pattern,
    minimum: min,
    maximum: max,
    enum: rule.enum,
    minLength: min_length,
    maxLength: max_length,
    minItems: min_length,
    maxItems: max_length,
  }).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), ...(schema ? { allOf: [schema] } : {}) };
}
