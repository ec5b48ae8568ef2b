import { z } from 'zod';
import { integrationPolicySchema } from './integrationPolicy.ts';
import { keyRefSchema } from './models.ts';
import { shortText } from './shortText.ts';

/* Systems around a person's work: where they are, how they are called, how they have answered. */

export const INTEGRATION_KINDS = ['http', 'n8n', 'github', 'slack', 'prometheus'] as const;
export const integrationKindSchema = z.enum(INTEGRATION_KINDS);
export type IntegrationKind = z.infer<typeof integrationKindSchema>;

/** Words that stand in paths where an id may stand. */
const RESERVED_IDS: ReadonlySet<string> = new Set(['templates', 'tests']);
export const integrationIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'Small letters, digits and . _ - are expected.')
  .refine((id) => !RESERVED_IDS.has(id), 'This word is part of an address: choose another.');

const headerName = z.string().regex(/^[A-Za-z0-9-]{1,100}$/, 'Letters, digits and - are expected.');
const headerValue = z.string().regex(/^[\x20-\x7e]{0,1000}$/, 'Plain text is expected.');
export const headersSchema = z.record(headerName, headerValue);

/** Defaults of {@link integrationSettingsSchema}. */
export const DEFAULT_SETTINGS = {
  timeout_ms: 30_000,
  deadline_ms: 120_000,
  retries: 3,
  concurrency: 8,
  queue: 64,
  redirects: 3,
  max_response_bytes: 4 * 1024 * 1024,
  breaker_failures: 5,
  breaker_pause_ms: 10_000,
} as const;
export const MAX_DEADLINE_MS = 600_000;

export const integrationSettingsSchema = z.strictObject({
  timeout_ms: z.number().int().min(50).max(MAX_DEADLINE_MS).optional().describe('Of one attempt.'),
  deadline_ms: z
    .number()
    .int()
    .min(50)
    .max(MAX_DEADLINE_MS)
    .optional()
    .describe('Of all attempts together.'),
  retries: z.number().int().min(0).max(10).optional(),
  concurrency: z.number().int().min(1).max(100).optional().describe('Calls at a time.'),
  queue: z.number().int().min(0).max(10_000).optional().describe('Calls that may wait.'),
  redirects: z.number().int().min(0).max(5).optional().describe('Followed, of GET and HEAD alone.'),
  max_response_bytes: z
    .number()
    .int()
    .min(1024)
    .max(16 * 1024 * 1024)
    .optional(),
  breaker_failures: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe('Failures in a row after which it is left alone for a while.'),
  breaker_pause_ms: z
    .number()
    .int()
    .min(50)
    .max(MAX_DEADLINE_MS)
    .optional()
    .describe('The first such pause; the next ones are longer.'),
  headers: headersSchema.optional().describe('Sent along. No keys: those go by `key_ref`.'),
  auth: z
    .enum(['bearer', 'basic', 'header', 'path', 'none'])
    .optional()
    .describe(
      'How the key is sent: `Authorization: Bearer`, `Basic` (the key is name:password), the header `auth_header`, or at the end of the address. Default `bearer`.',
    ),
  auth_header: headerName.optional().describe('Default `X-API-Key`.'),
  allow_http: z
    .boolean()
    .optional()
    .describe('Plain http to another computer: the key and what is said can be read on the way.'),
  allow_addresses: z
    .array(shortText(253))
    .max(50)
    .optional()
    .describe(
      'Addresses of this computer and of private networks that it may be at: a host, an address or a range such as 10.0.0.0/8.',
    ),
  health_path: z
    .string()
    .regex(/^\/[\x21-\x7e]{0,500}$/, 'A path that begins with "/" is expected.')
    .nullable()
    .optional()
    .describe('Asked with GET to see whether it is well; null: that it answers at all is enough.'),
  health_status: z
    .array(z.number().int().min(100).max(599))
    .max(20)
    .optional()
    .describe('Statuses that are well; default: 200 to 399.'),
  health_slow_ms: z
    .number()
    .int()
    .min(1)
    .max(MAX_DEADLINE_MS)
    .optional()
    .describe('An answer that takes longer is degraded. Default 2000.'),
});
export type IntegrationSettings = z.infer<typeof integrationSettingsSchema>;

export const HEALTH_STATES = ['healthy', 'degraded', 'down', 'unknown', 'off'] as const;
export const healthStateSchema = z.enum(HEALTH_STATES);
export type HealthState = z.infer<typeof healthStateSchema>;

export const lastErrorSchema = z.object({
  at: z.string(),
  kind: z.string().describe('`timed_out`, `unreachable`, `http_503`, `refused`, …'),
  message: z.string(),
});
export type LastError = z.infer<typeof lastErrorSchema>;

/** What was last found out of an integration; kept by the server. */
export const integrationStateSchema = z.looseObject({
  health: healthStateSchema.optional(),
  since: z.string().optional().describe('Since when its health is this.'),
  checked_at: z.string().optional(),
  next_check_at: z.string().nullable().optional(),
  latency_ms: z.number().nullable().optional().describe('Of the last check.'),
  latencies_ms: z.array(z.number()).optional().describe('Of the last checks, newest last.'),
  failures: z.number().int().optional().describe('Checks that failed in a row.'),
  last_error: lastErrorSchema.nullable().optional(),
});
export type IntegrationState = z.infer<typeof integrationStateSchema>;

export const integrationSchema = z.object({
  integration_id: z.string(),
  name: z.string(),
  kind: z.string().describe('The template that it was made from.'),
  base_url: z.string(),
  key_ref: z.string().nullable().describe('Where the key is: `env:NAME` or `secret:NAME`.'),
  has_key: z.boolean().describe('The key that `key_ref` names is there.'),
  settings: integrationSettingsSchema,
  policy: integrationPolicySchema,
  enabled: z.boolean(),
  state: integrationStateSchema,
  created_at: z.string(),
  updated_at: z.string(),
});
export type Integration = z.infer<typeof integrationSchema>;

/** What a person says of an integration; what is left out comes from the template of its kind. */
export const integrationFields = {
  name: shortText(200).optional().describe('Default: its id.'),
  kind: integrationKindSchema.optional().describe('Default `http`.'),
  base_url: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .optional(),
  key_ref: keyRefSchema.nullable().optional(),
  settings: integrationSettingsSchema.optional(),
  policy: integrationPolicySchema.optional(),
  enabled: z.boolean().optional().describe('Default true. Disabled ones are never called.'),
};
export const integrationInputSchema = z.strictObject({
  integration_id: integrationIdSchema,
  ...integrationFields,
});
export type IntegrationInput = z.infer<typeof integrationInputSchema>;

/** A kind of system, with what is known of all of its kind. */
export const integrationTemplateSchema = z.object({
  kind: integrationKindSchema,
  title: z.string(),
  description: z.string(),
  base_url: z.string().nullable().describe('Null: it has to be given.'),
  needs_key: z.boolean(),
  settings: integrationSettingsSchema,
  policy: integrationPolicySchema,
  examples: z.array(
    z.object({
      title: z.string(),
      method: z.string(),
      path: z.string(),
      body: z.unknown().optional(),
    }),
  ),
});
export type IntegrationTemplate = z.infer<typeof integrationTemplateSchema>;
