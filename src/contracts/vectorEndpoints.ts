import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { MAX_BATCH, MAX_VECTOR_BODY_BYTES } from './limits.ts';
import { shortText } from './shortText.ts';

const tag = 'Vectors';
/** Numbers of a vector at most. */
export const MAX_DIMS = 4096;
/** Vectors of a namespace at most: a search looks at every one of them. */
export const MAX_NAMESPACE_VECTORS = 50_000;

const keySchema = z
  .string()
  .regex(/^[\w.:-]{1,200}$/, 'Up to 200 letters, digits and . : _ - are expected.');
const namespaceSchema = keySchema.describe('Letters, digits and . : _ -; default `default`.');
const project = shortText(1024)
  .optional()
  .describe("Id, key or name; without it, the caller's project.");
const vectorSchema = z
  .array(z.number())
  .min(1)
  .max(MAX_DIMS)
  .describe('Its length is of no account: vectors are compared by their direction.');
const textSchema = shortText(100_000);
const scalarSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const itemSchema = z.strictObject({
  id: keySchema,
  vector: vectorSchema.optional(),
  text: textSchema.optional().describe('Kept with it; without a vector, made into one.'),
  metadata: z.record(z.string(), z.unknown()).optional(),
});

export const vectorEndpoints = {
  listVectorNamespaces: endpoint({
    ...{ method: 'GET', path: '/api/v1/db/vectors', tag },
    summary: 'Namespaces of vectors of a project',
    permission: 'memory:read',
    query: z.strictObject({ project }),
    output: z.object({
      namespaces: z.array(
        z.object({
          namespace: z.string(),
          count: z.number().int(),
          dims: z.number().int(),
          model: z.string().nullable().describe('Null where the vectors were given.'),
          updated_at: z.string(),
        }),
      ),
    }),
  }),
  upsertVectors: endpoint({
    ...{ method: 'POST', path: '/api/v1/db/vectors', tag },
    summary: 'Keep vectors, in place of those of the same id',
    description:
      'A namespace holds vectors of one length, given or made of texts. Secrets in text and metadata are redacted.',
    permission: 'memory:write',
    body: z.strictObject({
      namespace: namespaceSchema.optional(),
      project,
      items: z.array(itemSchema).min(1).max(MAX_BATCH),
    }),
    output: z.object({
      namespace: z.string(),
      created: z.number().int(),
      updated: z.number().int(),
      dims: z.number().int(),
      model: z.string().nullable(),
    }),
    use: ['idempotent'],
    maxBodyBytes: MAX_VECTOR_BODY_BYTES,
    examples: [
      {
        summary: 'Texts, which the server makes into vectors',
        input: { namespace: 'notes', items: [{ id: 'a', text: 'Deploy on Fridays at noon.' }] },
      },
    ],
  }),
  searchVectors: endpoint({
    ...{ method: 'POST', path: '/api/v1/db/vectors/search', tag },
    summary: 'The nearest vectors, by cosine',
    description: 'Exact: every vector of the namespace is looked at.',
    permission: 'memory:read',
    body: z.strictObject({
      namespace: namespaceSchema.optional(),
      project,
      vector: vectorSchema.optional(),
      text: textSchema.optional().describe('Instead of `vector`.'),
      limit: z.number().int().min(1).max(200).optional().describe('Default 10.'),
      min_score: z.number().min(-1).max(1).optional(),
      filter: z
        .record(z.string(), scalarSchema)
        .optional()
        .describe('Fields of the metadata that have to be equal.'),
    }),
    output: z.object({
      items: z.array(
        z.object({
          id: z.string(),
          score: z.number(),
          text: z.string().nullable(),
          metadata: z.record(z.string(), z.unknown()),
          updated_at: z.string(),
        }),
      ),
      compared: z.number().int(),
      took_ms: z.number(),
    }),
    examples: [
      { summary: 'By a text', input: { namespace: 'notes', text: 'When do we deploy?', limit: 3 } },
    ],
  }),
  deleteVectorNamespace: endpoint({
    ...{ method: 'DELETE', path: '/api/v1/db/vectors/{namespace}', tag },
    summary: 'Delete a namespace of vectors',
    permission: 'memory:write',
    params: z.strictObject({ namespace: keySchema }),
    query: z.strictObject({ project }),
    output: z.object({ deleted: z.number().int() }),
    use: ['idempotent'],
  }),
  deleteVector: endpoint({
    ...{ method: 'DELETE', path: '/api/v1/db/vectors/{namespace}/{id}', tag },
    summary: 'Delete one vector',
    permission: 'memory:write',
    params: z.strictObject({ namespace: keySchema, id: keySchema }),
    query: z.strictObject({ project }),
    output: z.object({ deleted: z.number().int() }),
    use: ['idempotent'],
  }),
};
