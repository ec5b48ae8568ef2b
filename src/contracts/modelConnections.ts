import { z } from 'zod';
import { connectionIdSchema, connectionKindSchema, keyRefSchema } from './models.ts';
import { shortText } from './shortText.ts';

/* Providers that models are called at: where they are, and by which key. */

/** The connection of the models that the editor offers; they are called in the editor alone. */
export const EDITOR_CONNECTION = 'vscode';

const headerName = z.string().regex(/^[A-Za-z0-9-]{1,100}$/, 'Letters, digits and - are expected.');

export const connectionSettingsSchema = z.strictObject({
  timeout_ms: z.number().int().min(100).max(3_600_000).optional().describe('Of one attempt.'),
  retries: z.number().int().min(0).max(10).optional(),
  headers: z
    .record(headerName, z.string().regex(/^[\x20-\x7e]{0,1000}$/, 'Plain text is expected.'))
    .optional()
    .describe('Sent along. No keys: those go by `key_ref`.'),
  allow_http: z
    .boolean()
    .optional()
    .describe('Plain http to another computer: the key and what is said can be read on the way.'),
});
export type ConnectionSettings = z.infer<typeof connectionSettingsSchema>;

/** What the server last found out; kept by it. */
export const connectionStateSchema = z.looseObject({
  discovered_at: z.string().optional().describe('When its models were last listed.'),
  model_count: z.number().int().optional(),
  error: z.string().nullable().optional().describe('Why they could not be listed.'),
});
export type ConnectionState = z.infer<typeof connectionStateSchema>;

export const connectionSchema = z.object({
  connection_id: z.string(),
  kind: connectionKindSchema,
  base_url: z.string().nullable().describe("Null: the provider's own address."),
  key_ref: z.string().nullable().describe('Where the key is: `env:NAME` or `secret:NAME`.'),
  has_key: z.boolean().describe('The key that `key_ref` names is there.'),
  enabled: z.boolean(),
  settings: connectionSettingsSchema,
  state: connectionStateSchema,
  created_at: z.string(),
  updated_at: z.string(),
});
export type Connection = z.infer<typeof connectionSchema>;

/** What a person says of a connection; what is left out gets its default. */
export const connectionFields = {
  kind: connectionKindSchema,
  base_url: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .optional(),
  key_ref: keyRefSchema.optional(),
  enabled: z.boolean().optional().describe('Default true. Disabled ones are never called.'),
  settings: connectionSettingsSchema.optional(),
};
export const connectionInputSchema = z.strictObject({
  connection_id: connectionIdSchema,
  ...connectionFields,
});
export type ConnectionInput = z.infer<typeof connectionInputSchema>;

/** What listing the models of one connection gave. */
export const discoverySchema = z.object({
  connection_id: z.string(),
  found: z.number().int(),
  added: z.number().int(),
  updated: z.number().int(),
  error: z.string().nullable().describe('Why they could not be listed.'),
});
export type Discovery = z.infer<typeof discoverySchema>;

/** A model as a source of models tells of it. */
export const offeredModelSchema = z.strictObject({
  name: shortText(200),
  provider: shortText(100),
  version: shortText(100).optional(),
  family: shortText(200).optional(),
  context_window: z.number().int().positive().optional(),
});
