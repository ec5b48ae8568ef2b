import { z } from 'zod';
import { endpoint, nextCursor, pageFields } from './endpoint.ts';
import {
  connectionFields,
  connectionInputSchema,
  connectionSchema,
  discoverySchema,
} from './modelConnections.ts';
import {
  aliasSchema,
  connectionIdSchema,
  modelIdSchema,
  modelMetadataSchema,
  modelSchema,
  modelTypeSchema,
  newModelIdSchema,
} from './models.ts';
import { shortText } from './shortText.ts';

const tag = 'Models';
const read = { tag, permission: 'models:read' } as const;
const write = { tag, permission: 'models:write' } as const;

const modelParams = z.strictObject({ model_id: modelIdSchema.describe('Id, alias or name.') });
const line = (max: number) => shortText(max).regex(/^\P{Cc}+$/u, 'One line is expected.');

export const MAX_PARAMETERS_BYTES = 64 * 1024;
const changeableFields = {
  model_type: modelTypeSchema.optional().describe('Default `llm`.'),
  parameters: z
    .record(z.string().max(200), z.unknown())
    .refine((given) => JSON.stringify(given).length <= MAX_PARAMETERS_BYTES, 'Too large.')
    .optional()
    .describe('Temperature and the like: sent with each call unless the call says otherwise.'),
  metadata: modelMetadataSchema.optional(),
  tags: z.array(line(60)).max(50).optional(),
  connection_id: connectionIdSchema.nullable().optional().describe('Where it is called.'),
  replaces: modelIdSchema.nullable().optional().describe('The model that it takes the place of.'),
};
const metricsSchema = z.record(line(100), z.number());

export const modelInputSchema = z.strictObject({
  model_id: newModelIdSchema
    .optional()
    .describe('Default: provider/name, with @version when one is given.'),
  model_name: line(200),
  provider: line(100),
  version: line(100).optional().describe('Default `current`.'),
  ...changeableFields,
  performance_metrics: metricsSchema.optional(),
  aliases: z.array(aliasSchema).max(20).optional(),
  is_active: z.boolean().optional().describe('Default true.'),
});
export type ModelInput = z.infer<typeof modelInputSchema>;
export const modelPatchSchema = z.strictObject(changeableFields);
export type ModelPatch = z.infer<typeof modelPatchSchema>;

export const modelFilterFields = {
  type: modelTypeSchema.optional(),
  provider: line(100).optional(),
  tag: line(60).optional(),
  connection_id: connectionIdSchema.optional(),
  active: z.boolean().optional(),
  q: line(200).optional().describe('Part of an id, name or alias; small and capital are alike.'),
};

export const modelEventSchema = z.object({
  event_id: z.string(),
  model_id: z.string(),
  kind: z
    .string()
    .describe('`registered`, `updated`, `activated`, `deactivated`, `alias`, `metrics`, …'),
  at: z.string(),
  detail: z.record(z.string(), z.unknown()),
});
export type ModelEvent = z.infer<typeof modelEventSchema>;

export const modelAliasSchema = z.object({
  alias: z.string(),
  model_id: z.string(),
  updated_at: z.string(),
});
export type ModelAlias = z.infer<typeof modelAliasSchema>;

/** Version of the form of {@link modelsFileSchema}. */
export const MODELS_FILE_VERSION = 1;
/** The registry as a file: everything but keys, calls and history. */
export const modelsFileSchema = z.strictObject({
  format_version: z.literal(MODELS_FILE_VERSION),
  models: z
    .array(modelInputSchema.omit({ aliases: true }).extend({ model_id: newModelIdSchema }))
    .max(10_000),
  aliases: z.array(z.strictObject({ alias: aliasSchema, model_id: modelIdSchema })).max(10_000),
  connections: z.array(connectionInputSchema).max(1000),
});
export type ModelsFile = z.infer<typeof modelsFileSchema>;
const countedSchema = z.object({
  added: z.number().int(),
  updated: z.number().int(),
  unchanged: z.number().int(),
});
export const importedSchema = z.object({
  models: countedSchema,
  aliases: countedSchema,
  connections: countedSchema,
});
export type Imported = z.infer<typeof importedSchema>;

const reasonFields = { reason: line(500).optional().describe('Kept in the history.') };
const aliasParams = z.strictObject({ alias: aliasSchema });
const connectionParams = z.strictObject({ connection_id: connectionIdSchema });
const base = '/api/v1/models';

export const modelEndpoints = {
  listModels: endpoint({
    ...{ method: 'GET', path: base, ...read },
    summary: 'The models of the registry',
    query: z.strictObject({ ...modelFilterFields, ...pageFields }),
    output: z.object({ models: z.array(modelSchema), next_cursor: nextCursor }),
    use: ['etag'],
    examples: [
      { summary: 'Embeddings that are in use', input: { type: 'embedding', active: true } },
    ],
  }),
  registerModel: endpoint({
    ...{ method: 'POST', path: base, ...write },
    summary: 'Register a model, or another version of one',
    body: modelInputSchema,
    output: modelSchema,
    alsoStatus: [201],
    use: ['idempotent'],
    examples: [
      {
        summary: 'With parameters and metrics',
        input: {
          model_id: 'gpt-4-v1',
          model_name: 'gpt-4',
          provider: 'openai',
          parameters: { temperature: 0.7, max_tokens: 2000 },
          performance_metrics: { accuracy: 0.95 },
        },
      },
    ],
  }),
  getModelByName: endpoint({
    ...{ method: 'GET', path: `${base}/by-name`, ...read },
    summary: 'A model by its name: the version asked for, or the newest active one',
    query: z.strictObject({
      name: line(200),
      version: line(100).optional(),
      provider: line(100).optional(),
    }),
    output: modelSchema,
    use: ['etag'],
  }),
  exportModels: endpoint({
    ...{ method: 'GET', path: `${base}/export`, ...read },
    summary: 'The registry as one JSON value, without keys',
    output: modelsFileSchema,
  }),
  importModels: endpoint({
    ...{ method: 'POST', path: `${base}/import`, ...write },
    summary: 'Take in an exported registry; what is there and differs is changed',
    body: modelsFileSchema,
    output: importedSchema,
    use: ['idempotent'],
  }),
  discoverModels: endpoint({
    ...{ method: 'POST', path: `${base}/discover`, ...write },
    summary: 'Ask the connections for their models',
    body: z.strictObject({
      connection_id: connectionIdSchema.optional().describe('Default: every enabled one.'),
    }),
    output: z.object({ connections: z.array(discoverySchema) }),
    use: ['idempotent'],
    timeoutMs: 120_000,
  }),
  listModelAliases: endpoint({
    ...{ method: 'GET', path: `${base}/aliases`, ...read },
    summary: 'The aliases',
    output: z.object({ aliases: z.array(modelAliasSchema) }),
    use: ['etag'],
  }),
  setModelAlias: endpoint({
    ...{ method: 'PUT', path: `${base}/aliases/{alias}`, ...write },
    summary: 'Give a model an alias; another model loses it',
    params: aliasParams,
    body: z.strictObject({ model: modelIdSchema.describe('Id, alias or name.') }),
    output: modelAliasSchema,
    alsoStatus: [201],
    use: ['idempotent'],
    examples: [{ summary: 'A fast one', input: { alias: 'fast', model: 'ollama/llama3.2' } }],
  }),
  deleteModelAlias: endpoint({
    ...{ method: 'DELETE', path: `${base}/aliases/{alias}`, ...write },
    summary: 'Take an alias away',
    params: aliasParams,
    output: z.object({ deleted: z.boolean() }),
    use: ['idempotent'],
  }),
  listModelConnections: endpoint({
    ...{ method: 'GET', path: `${base}/connections`, ...read },
    summary: 'The connections, and what was last found out about them',
    output: z.object({ connections: z.array(connectionSchema) }),
    use: ['etag'],
  }),
  getModelConnection: endpoint({
    ...{ method: 'GET', path: `${base}/connections/{connection_id}`, ...read },
    summary: 'One connection',
    params: connectionParams,
    output: connectionSchema,
    use: ['etag'],
  }),
  putModelConnection: endpoint({
    ...{ method: 'PUT', path: `${base}/connections/{connection_id}`, ...write },
    summary: 'Set a connection up, in place of the one that is there',
    description:
      'Nothing is sent to it by this. Its key stays where it is: `key_ref` names a variable of the environment of the server, or a secret of the editor.',
    params: connectionParams,
    body: z.strictObject(connectionFields),
    output: connectionSchema,
    alsoStatus: [201],
    use: ['idempotent'],
    examples: [
      {
        summary: 'Ollama on this computer',
        input: { connection_id: 'ollama', kind: 'ollama', base_url: 'http://127.0.0.1:11434' },
      },
      {
        summary: 'A key in the environment',
        input: { connection_id: 'anthropic', kind: 'anthropic', key_ref: 'env:ANTHROPIC_API_KEY' },
      },
    ],
  }),
  deleteModelConnection: endpoint({
    ...{ method: 'DELETE', path: `${base}/connections/{connection_id}`, ...write },
    summary: 'Forget a connection; its models stay and can no longer be called',
    params: connectionParams,
    output: z.object({ deleted: z.boolean() }),
    use: ['idempotent'],
  }),
  getModel: endpoint({
    ...{ method: 'GET', path: `${base}/{model_id}`, ...read },
    summary: 'One model, by id, alias or name',
    params: modelParams,
    output: modelSchema,
    use: ['etag'],
  }),
  updateModel: endpoint({
    ...{ method: 'PATCH', path: `${base}/{model_id}`, ...write },
    summary: 'Change what is known of a model; what is given takes the place of what was there',
    params: modelParams,
    body: modelPatchSchema,
    output: modelSchema,
    use: ['idempotent'],
  }),
  activateModel: endpoint({
    ...{ method: 'POST', path: `${base}/{model_id}/activate`, ...write },
    summary: 'Use a model again',
    params: modelParams,
    body: z.strictObject(reasonFields),
    output: modelSchema,
    use: ['idempotent'],
  }),
  deactivateModel: endpoint({
    ...{ method: 'POST', path: `${base}/{model_id}/deactivate`, ...write },
    summary: 'Take a model out of use; it and its history stay',
    params: modelParams,
    body: z.strictObject(reasonFields),
    output: modelSchema,
    use: ['idempotent'],
  }),
  listModelVersions: endpoint({
    ...{ method: 'GET', path: `${base}/{model_id}/versions`, ...read },
    summary: 'Every version of its name at its provider, newest first',
    params: modelParams,
    output: z.object({ models: z.array(modelSchema) }),
    use: ['etag'],
  }),
  getModelLineage: endpoint({
    ...{ method: 'GET', path: `${base}/{model_id}/lineage`, ...read },
    summary: 'What it replaces, and what replaces it, nearest first',
    params: modelParams,
    output: z.object({
      model_id: z.string(),
      replaces: z.array(modelSchema),
      replaced_by: z.array(modelSchema),
    }),
    use: ['etag'],
  }),
  listModelHistory: endpoint({
    ...{ method: 'GET', path: `${base}/{model_id}/history`, ...read },
    summary: 'What happened to a model, newest first',
    params: modelParams,
    query: z.strictObject({ kind: line(40).optional(), ...pageFields }),
    output: z.object({ events: z.array(modelEventSchema), next_cursor: nextCursor }),
    use: ['etag'],
  }),
};
