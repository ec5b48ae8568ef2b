import { z } from 'zod';
import { offeredModelSchema } from './modelConnections.ts';
import { modelFilterFields } from './modelEndpoints.ts';
import { shortText } from './shortText.ts';
import { tool } from './tool.ts';

const { type, active } = modelFilterFields;
const text = shortText(200).optional();

/** A model with what the conversations tell of it. */
export const listedModelSchema = z.object({
  model_id: z.string(),
  model: z.string(),
  provider: z.string(),
  version: z.string(),
  type: z.string(),
  is_active: z.boolean(),
  callable: z.boolean(),
  aliases: z.array(z.string()),
  context_window: z.number().nullable(),
  turn_count: z.number(),
  last_used_at: z.string().nullable(),
});
export type ListedModel = z.infer<typeof listedModelSchema>;

const secretName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,99}$/);

export const modelTools = {
  list_models: tool({
    title: 'List Models',
    description:
      'Known models with their turns in the conversations, last used first; `callable` ones can be called here.',
    input: z.object({
      ...{ type, provider: text, tag: text, active },
      q: text.describe('Part of an id, name or alias.'),
      limit: z.number().int().min(1).max(1000).optional(),
    }),
    output: z.object({ models: z.array(listedModelSchema) }),
    permission: 'models:read',
    audience: 'model',
    readOnly: true,
  }),
  offer_models: tool({
    title: 'Offer Models',
    description: 'Models that the editor offers; they become entries of the registry.',
    input: z.object({ models: z.array(offeredModelSchema).max(1000) }),
    output: z.object({ added: z.number().int(), updated: z.number().int() }),
    permission: 'models:write',
    audience: 'app',
    readOnly: false,
  }),
  provide_keys: tool({
    title: 'Provide Keys',
    description:
      "Secrets of the editor that connections name, by the name after `secret:`. They stay in the server's memory until it ends; null takes one back.",
    input: z.object({ keys: z.record(secretName, shortText(10_000).nullable()) }),
    output: z.object({
      missing: z.array(z.string()).describe('Named by a connection, not there.'),
    }),
    permission: 'models:write',
    audience: 'app',
    readOnly: false,
  }),
};
