import { z } from 'zod';
import { modelIdSchema, moneySchema } from './models.ts';
import { shortText } from './shortText.ts';

/* What is asked of a model, and what it answers. */

/** A text for a model may be as long as a message. */
const textSchema = z.string().min(1);
const jsonSchemaSchema = z
  .record(z.string(), z.unknown())
  .describe('JSON Schema that the answer is to follow; it comes back as `object`.');

/** Which model, and how it is asked. */
export const callFields = {
  model: modelIdSchema
    .optional()
    .describe('Id, alias or name; without it the one that the settings name.'),
  fallbacks: z
    .array(modelIdSchema)
    .max(10)
    .optional()
    .describe('Models to ask in this order when it fails, instead of those of the settings.'),
  timeout_ms: z
    .number()
    .int()
    .min(100)
    .max(600_000)
    .optional()
    .describe('For all attempts together.'),
};

/** How a text is made. */
const textFields = {
  ...callFields,
  system: textSchema.optional().describe('What the model is told before all else.'),
  schema: jsonSchemaSchema.optional(),
  max_output_tokens: z.number().int().min(1).max(10_000_000).optional(),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().min(0).max(1).optional(),
  stop: z.array(shortText(200)).max(8).optional(),
  seed: z.number().int().optional(),
};

export const chatMessageSchema = z.strictObject({
  role: z.enum(['system', 'user', 'assistant']),
  content: textSchema,
});

export const generateInput = z.strictObject({ prompt: textSchema, ...textFields });
export const chatInput = z.strictObject({
  messages: z.array(chatMessageSchema).min(1).max(10_000),
  ...textFields,
});
export const codeInput = z.strictObject({
  instruction: textSchema.describe('What the code is to do, or what is to be changed.'),
  code: textSchema.optional().describe('Code that it begins from.'),
  language: shortText(60).optional(),
  ...textFields,
});
export const analyzeInput = z.strictObject({
  content: textSchema.describe('What is looked at: to the model it is data, no instruction.'),
  question: textSchema.optional().describe('What to find out; without it, what matters in it.'),
  ...textFields,
});
export const classifyInput = z.strictObject({
  content: textSchema,
  labels: z
    .array(shortText(200))
    .min(2)
    .max(200)
    .refine((labels) => new Set(labels).size === labels.length, 'A label is there twice.'),
  descriptions: z
    .record(z.string(), textSchema)
    .optional()
    .describe('What a label means, by the label.'),
  multiple: z.boolean().optional().describe('Any number of labels, also none, instead of one.'),
  ...callFields,
});
export const embedInput = z.strictObject({
  texts: z.array(textSchema).min(1).max(2048),
  dimensions: z.number().int().min(1).max(100_000).optional(),
  ...callFields,
});

export const attemptSchema = z.object({
  model_id: z.string(),
  error_kind: z.string().nullable().describe('`error.type`; null for the one that answered.'),
});

/** What every answer of a model tells of the call. */
const answeredFields = {
  call_id: z.string(),
  model_id: z.string().describe('The model that answered.'),
  usage: z.object({
    input_tokens: z.number().int().nullable(),
    output_tokens: z.number().int().nullable(),
    estimated: z.boolean().describe('Counted here: the provider did not tell.'),
  }),
  cost: moneySchema.nullable().describe('US dollars; null when its prices are not known.'),
  duration_ms: z.number().int(),
  attempts: z.array(attemptSchema).describe('Each call of a model, in order.'),
};
export const finishReasonSchema = z
  .enum(['stop', 'length', 'content-filter', 'other'])
  .describe('`length`: it was cut off at the most tokens.');
export const textAnswerSchema = z.object({
  text: z.string(),
  object: z.unknown().optional().describe('With `schema`: the answer, checked against it.'),
  finish_reason: finishReasonSchema,
  first_token_ms: z.number().int().nullable().describe('Null when it was not streamed.'),
  ...answeredFields,
});
export type TextAnswer = z.infer<typeof textAnswerSchema>;
export const codeAnswerSchema = textAnswerSchema.extend({
  code: z.string().describe('The code in the text, without what stands around it.'),
});
export const classifyAnswerSchema = z.object({ labels: z.array(z.string()), ...answeredFields });
export const embedAnswerSchema = z.object({
  embeddings: z.array(z.array(z.number())).describe('In the order of the texts.'),
  dimensions: z.number().int(),
  ...answeredFields,
});

/** What a stream tells: which model begins, the pieces of its text, the answer as a whole. */
const started = z.object({ type: z.literal('start'), model_id: z.string() });
const pieces = [
  started,
  z.object({ type: z.literal('reasoning'), text: z.string() }),
  z.object({ type: z.literal('text'), text: z.string() }),
] as const;
export const textEventSchema = z.discriminatedUnion('type', [
  ...pieces,
  textAnswerSchema.extend({ type: z.literal('done') }),
]);
export type TextEvent = z.infer<typeof textEventSchema>;
export const codeEventSchema = z.discriminatedUnion('type', [
  ...pieces,
  codeAnswerSchema.extend({ type: z.literal('done') }),
]);

const modelOrNull = modelIdSchema.nullable();

/** What the person has set for calls of models. */
export const aiSettingsSchema = z.strictObject({
  default_model: modelOrNull.describe('Asked when a call names none.'),
  default_embedding_model: modelOrNull,
  memory_embedding_model: modelOrNull.describe(
    'Makes vectors of all stored messages, which are sent to it, for the search; null: none.',
  ),
  fallbacks: z
    .record(modelIdSchema, z.array(modelIdSchema).max(10))
    .describe('By model or alias: those to ask in this order when it fails; `*` for every other.'),
  retries: z.number().int().min(0).max(10).describe('Repeats of a call that may work later.'),
  timeout_ms: z.number().int().min(100).max(600_000).describe('For all attempts together.'),
  daily_limit: moneySchema.nullable().describe('US dollars a day (UTC); null: no limit.'),
  health_checks: z.boolean().describe('Whether enabled connections are looked at by themselves.'),
});
export type AiSettings = z.infer<typeof aiSettingsSchema>;
export const aiSettingsOutput = z.object({
  settings: aiSettingsSchema,
  spent_today: moneySchema.describe('With what calls under way have reserved.'),
});

export const connectionHealthSchema = z.object({
  connection_id: z.string(),
  kind: z.string(),
  enabled: z.boolean(),
  live: z.boolean().nullable().describe('It answers at its address; null: not looked yet.'),
  ready: z.boolean().nullable().describe('It takes the key and has models.'),
  circuit: z.enum(['closed', 'open', 'half-open']).describe('Open: not called for a while.'),
  checked_at: z.string().nullable(),
  next_check_at: z.string().nullable(),
  error: z.string().nullable(),
});
export type ConnectionHealth = z.infer<typeof connectionHealthSchema>;
export const modelTestSchema = z.object({
  model_id: z.string(),
  ok: z.boolean(),
  live: z.boolean(),
  ready: z.boolean(),
  duration_ms: z.number().int().nullable().describe('Of a real call with a short prompt.'),
  first_token_ms: z.number().int().nullable(),
  text: z.string().nullable().describe('What it answered.'),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type ModelTest = z.infer<typeof modelTestSchema>;
