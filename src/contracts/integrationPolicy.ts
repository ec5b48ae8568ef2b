import { z } from 'zod';
import { shortText } from './shortText.ts';

/* What may leave to a connected system, and how. */

export const HTTP_METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export const httpMethodSchema = z.enum(HTTP_METHODS);
export type HttpMethod = z.infer<typeof httpMethodSchema>;

/**
 * What a call carries. `figures`: counts, times, ids. `metadata`: names of projects, models, files,
 * titles. `conversation`: what was said. `secrets`: what looks like a key or password; found by
 * looking, whatever the caller says.
 */
export const DATA_CLASSES = ['figures', 'metadata', 'conversation', 'secrets'] as const;
export const dataClassSchema = z.enum(DATA_CLASSES);
export type DataClass = z.infer<typeof dataClassSchema>;
/** What may leave when a policy does not say. */
export const DEFAULT_DATA_CLASSES: readonly DataClass[] = ['figures', 'metadata'];

const field = z
  .string()
  .regex(/^[^\s.][^\s]{0,199}$/, 'A field is expected, with dots for what is inside of others.');

/** What one field of a body has to be; a field that is not there passes, unless it is required. */
export const fieldRuleSchema = z.strictObject({
  field,
  type: z.enum(['string', 'number', 'integer', 'boolean', 'array', 'object', 'null']).optional(),
  pattern: shortText(500).optional().describe('Regular expression that the text has to match.'),
  min: z.number().optional(),
  max: z.number().optional(),
  enum: z.array(z.unknown()).min(1).max(500).optional(),
  min_length: z.number().int().min(0).optional().describe('Of a text, or entries of a list.'),
  max_length: z.number().int().min(0).optional(),
  schema: z.record(z.string(), z.unknown()).optional().describe('JSON Schema of the value.'),
});
export type FieldRule = z.infer<typeof fieldRuleSchema>;

const host = z
  .string()
  .regex(
    /^(\*\.)?[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?$|^\[[0-9a-f:.]+\]$/,
    'A host is expected, in small letters: "api.example.com" or "*.example.com".',
  );
const path = z
  .string()
  .regex(/^\/[\x21-\x7e]{0,500}$/, 'A path is expected; "*" is one part of it, "**" any.');

/** Security policy of an integration. What is left out is not limited, except where it says so. */
export const integrationPolicySchema = z.strictObject({
  allowed_hosts: z
    .array(host)
    .max(100)
    .optional()
    .describe('Default: the host of `base_url` alone. Redirects have to stay within them.'),
  allowed_methods: z.array(httpMethodSchema).max(10).optional(),
  allowed_paths: z.array(path).max(200).optional().describe('Under `base_url`.'),
  required_fields: z.array(field).max(200).optional().describe('Of the body.'),
  rules: z.array(fieldRuleSchema).max(200).optional(),
  body_schema: z.record(z.string(), z.unknown()).optional().describe('JSON Schema of the body.'),
  rate: z
    .strictObject({
      requests: z.number().int().min(1).max(1_000_000),
      per_seconds: z.number().int().min(1).max(86_400),
    })
    .optional(),
  data_classes: z
    .array(dataClassSchema)
    .max(DATA_CLASSES.length)
    .optional()
    .describe('What may leave. Default: figures and metadata.'),
});
export type IntegrationPolicy = z.infer<typeof integrationPolicySchema>;

/** One reason against a call. */
export const objectionSchema = z.object({
  rule: z
    .string()
    .describe(
      '`disabled`, `host`, `method`, `path`, `required`, `field`, `body`, `data`, `rate`, `address`.',
    ),
  field: z.string().nullable(),
  message: z.string(),
});
export type Objection = z.infer<typeof objectionSchema>;
export const policyDecisionSchema = z.object({
  allowed: z.boolean(),
  objections: z.array(objectionSchema),
  data_classes: z.array(dataClassSchema).describe('What the call was seen to carry.'),
});
export type PolicyDecision = z.infer<typeof policyDecisionSchema>;
