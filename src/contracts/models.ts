import { z } from 'zod';
import { shortText } from './shortText.ts';

/* Models, as the registry has them, and what is known of each of their calls. */

export const MODEL_TYPES = [
  'llm',
  'embedding',
  'classification',
  'reranking',
  'speech',
  'transcription',
  'image',
  'other',
] as const;
export const modelTypeSchema = z.enum(MODEL_TYPES);
export type ModelType = z.infer<typeof modelTypeSchema>;

/** Where an entry comes from. */
export const modelSourceSchema = z.enum(['manual', 'captured', 'discovered', 'editor', 'import']);

/** An amount of US dollars as decimal text: no float can lose a part of it. */
export const moneySchema = z
  .string()
  .regex(/^\d{1,12}(\.\d{1,18})?$/, 'A decimal number is expected, for example "0.0000025".')
  .describe('US dollars as decimal text.');

export const modelMetadataSchema = z.strictObject({
  context_window: z.number().int().positive().optional().describe('Tokens of prompt and answer.'),
  max_output_tokens: z.number().int().positive().optional(),
  input_modalities: z.array(shortText(40)).max(20).optional(),
  output_modalities: z.array(shortText(40)).max(20).optional(),
  prices: z
    .strictObject({
      input: moneySchema.optional(),
      output: moneySchema.optional(),
      cache_read: moneySchema.optional(),
      cache_write: moneySchema.optional(),
    })
    .optional()
    .describe('A token costs so much.'),
  dimensions: z.number().int().positive().optional().describe('Of an embedding.'),
  deprecated_on: z.iso.date().optional(),
  family: shortText(200).optional(),
});
export type ModelMetadata = z.infer<typeof modelMetadataSchema>;

/** Words that stand in paths where an id may stand: no model and no alias has one as its own. */
export const RESERVED_MODEL_IDS: ReadonlySet<string> = new Set([
  'aliases',
  'by-name',
  'calls',
  'connections',
  'discover',
  'export',
  'health',
  'import',
  'performance',
  'recommendations',
  'rules',
  'thresholds',
  'violations',
]);
const notReserved = { message: 'This word is part of an address: choose another.' };

/** Id of a model; where a model is asked for, an alias or a name does as well. */
export const modelIdSchema = shortText(300);
/** An id that a person gives: one line, none of the reserved words. */
export const newModelIdSchema = modelIdSchema
  .regex(/^[^\s\p{Cc}](?:[^\p{Cc}]*[^\s\p{Cc}])?$/u, 'One line without space around is expected.')
  .refine((id) => !RESERVED_MODEL_IDS.has(id), notReserved);
export const aliasSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'Small letters, digits and . _ - are expected.')
  .refine((alias) => !RESERVED_MODEL_IDS.has(alias), notReserved);

export const modelSchema = z.object({
  model_id: z.string(),
  model_name: z.string(),
  model_type: modelTypeSchema,
  provider: z.string().describe('`openai`, `anthropic`, `ollama`, …, as OpenTelemetry names it.'),
  version: z.string(),
  parameters: z.record(z.string(), z.unknown()),
  performance_metrics: z.record(z.string(), z.number()),
  metadata: modelMetadataSchema,
  tags: z.array(z.string()),
  aliases: z.array(z.string()),
  source: modelSourceSchema,
  connection_id: z.string().nullable().describe('Where it is called; null when it cannot be.'),
  replaces: z.string().nullable(),
  replaced_by: z.array(z.string()),
  is_active: z.boolean(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Model = z.infer<typeof modelSchema>;

export const CONNECTION_KINDS = [
  'openai-compatible',
  'ollama',
  'lmstudio',
  'openai',
  'anthropic',
  'vscode',
] as const;
export const connectionKindSchema = z.enum(CONNECTION_KINDS);
export type ConnectionKind = z.infer<typeof connectionKindSchema>;

export const connectionIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'Small letters, digits and . _ - are expected.');
/** Where a key is: a variable of the environment, or a secret that the editor keeps. */
export const keyRefSchema = z
  .string()
  .regex(
    /^(env|secret):[A-Za-z_][A-Za-z0-9_.-]{0,99}$/,
    'Say where the key is, not the key: "env:NAME" or "secret:NAME".',
  );

/** A figure of a call: what an integer of the database holds, which is 24 days in milliseconds. */
const figureSchema = z.number().int().min(0).max(2_147_483_647).nullable();

/** Facts of one call of a model, or of one captured turn; what is not known is null. */
export const modelCallSchema = z.object({
  call_id: shortText(100),
  model_id: modelIdSchema,
  at: z.iso.datetime({ offset: true }),
  origin: z.enum(['api', 'turn', 'editor', 'test']),
  operation: shortText(40).describe(
    '`gen_ai.operation.name`: chat, text_completion, embeddings, …',
  ),
  duration_ms: figureSchema,
  first_token_ms: figureSchema,
  input_tokens: figureSchema,
  output_tokens: figureSchema,
  cost: moneySchema.nullable(),
  error_kind: shortText(60).nullable().describe('`error.type`; null when it worked.'),
});
export type ModelCall = z.infer<typeof modelCallSchema>;
