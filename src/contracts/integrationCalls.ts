import { z } from 'zod';
import { dataClassSchema, httpMethodSchema } from './integrationPolicy.ts';
import {
  headersSchema,
  healthStateSchema,
  integrationIdSchema,
  lastErrorSchema,
  MAX_DEADLINE_MS,
} from './integrations.ts';
import { shortText } from './shortText.ts';

/* Calls of connected systems: what is asked, what comes back, how they have gone. */

const queryValue = z.union([z.string(), z.number(), z.boolean()]);

/** A call of an integration. */
export const externalCallFields = {
  integration: integrationIdSchema,
  method: httpMethodSchema.optional().describe('Default GET; POST with a body.'),
  path: z
    .string()
    .max(4000)
    .regex(/^(\/[^\s#?\\]*)?$/, 'A path is expected that begins with "/"; `query` is apart.')
    .optional()
    .describe('Under `base_url`. Default: nothing.'),
  query: z.record(z.string().max(200), queryValue).optional(),
  headers: headersSchema.optional(),
  body: z.unknown().optional().describe('Sent as JSON; text as it is, as `content_type` says.'),
  content_type: shortText(200)
    .regex(/^[\x20-\x7e]+$/)
    .optional()
    .describe('Default `application/json`, of a text `text/plain`.'),
  idempotency_key: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'Up to 200 visible characters are expected.')
    .optional()
    .describe('Sent as `Idempotency-Key`; a write that has one is tried again.'),
  timeout_ms: z
    .number()
    .int()
    .min(50)
    .max(MAX_DEADLINE_MS)
    .optional()
    .describe('For everything; default: `deadline_ms` of its settings.'),
  carries: z
    .array(dataClassSchema)
    .max(10)
    .optional()
    .describe('What it carries; default metadata. Secrets are found by looking.'),
};
export const externalCallSchema = z.strictObject(externalCallFields);
export type ExternalCall = z.infer<typeof externalCallSchema>;

/** Whatever was answered over HTTP, also 404 or 500: `ok` and `status` tell. */
export const externalAnswerSchema = z.object({
  integration: z.string(),
  ok: z.boolean().describe('The status is 200 to 299.'),
  status: z.number().int(),
  headers: z.record(z.string(), z.string()),
  body: z.unknown().describe('Parsed JSON, text or base64, as `body_kind` tells.'),
  body_kind: z.enum(['json', 'text', 'base64', 'none']),
  attempts: z.number().int(),
  duration_ms: z.number(),
});
export type ExternalAnswer = z.infer<typeof externalAnswerSchema>;

export const latencySchema = z.object({
  mean: z.number(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  max: z.number(),
});
export type Latency = z.infer<typeof latencySchema>;

/** How the calls of an integration have gone, over a time. */
export const callMeasuresSchema = z.object({
  requests: z.number().int().describe('Attempts that were sent.'),
  errors: z.number().int(),
  error_rate: z.number().describe('0 to 1.'),
  error_kinds: z.record(z.string(), z.number().int()),
  latency_ms: latencySchema.nullable().describe('Null when nothing was answered.'),
});
export type CallMeasures = z.infer<typeof callMeasuresSchema>;

export const measuredHourSchema = z.object({
  starts_at: z.string(),
  ...callMeasuresSchema.shape,
});
export type MeasuredHour = z.infer<typeof measuredHourSchema>;

export const CIRCUIT_STATES = ['closed', 'open', 'half-open'] as const;

/** How an integration is, and how its calls have gone in the last 24 hours. */
export const integrationStatusSchema = z.object({
  integration_id: z.string(),
  name: z.string(),
  kind: z.string(),
  enabled: z.boolean(),
  health: healthStateSchema,
  since: z.string().nullable(),
  checked_at: z.string().nullable(),
  next_check_at: z.string().nullable(),
  check_ms: z.number().nullable().describe('What the last check took.'),
  trend: z.enum(['faster', 'same', 'slower']).nullable().describe('Of the checks.'),
  last_error: lastErrorSchema.nullable(),
  circuit: z.enum(CIRCUIT_STATES),
  in_flight: z.number().int(),
  ...callMeasuresSchema.shape,
});
export type IntegrationStatus = z.infer<typeof integrationStatusSchema>;

export const integrationsStatusSchema = z.object({
  summary: z.object({
    healthy: z.number().int(),
    degraded: z.number().int(),
    down: z.number().int(),
    unknown: z.number().int(),
    off: z.number().int(),
  }),
  integrations: z.array(integrationStatusSchema),
});
export type IntegrationsStatus = z.infer<typeof integrationsStatusSchema>;

/** What one check found out. */
export const healthCheckSchema = z.object({
  integration_id: z.string(),
  health: healthStateSchema,
  status: z.number().int().nullable(),
  latency_ms: z.number().nullable(),
  error: z.string().nullable(),
  checked_at: z.string(),
});
export type HealthCheck = z.infer<typeof healthCheckSchema>;
