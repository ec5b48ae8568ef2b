import { z } from 'zod';
import { endpoint, nextCursor, pageFields } from './endpoint.ts';
import { shortText } from './shortText.ts';

const tag = 'Context';

const keySchema = z
  .string()
  .regex(/^[\w.:-]{1,200}$/, 'Up to 200 letters, digits and . : _ - are expected.')
  .describe('Letters, digits and . : _ -');
const keyParams = z.strictObject({ key: keySchema });
const scopeFields = {
  session_id: z.uuid().optional().describe('Of this session.'),
  project: shortText(1024)
    .optional()
    .describe("Of this project: id, key or name. Without either, the caller's project."),
};

export const contextEntrySchema = z.object({
  key: z.string(),
  project_id: z.string().nullable().describe('Null when it is of a session.'),
  session_id: z.string().nullable().describe('Null when it is of a project.'),
  value: z.unknown().describe('Any JSON value.'),
  created_at: z.string(),
  updated_at: z.string(),
  expires_at: z.string().nullable().describe('When it goes by itself; null never.'),
});
export type ContextEntry = z.infer<typeof contextEntrySchema>;

export const contextEndpoints = {
  listContext: endpoint({
    ...{ method: 'GET', path: '/api/v1/db/context', tag },
    summary: 'What is kept for a session or project, by key',
    permission: 'memory:read',
    query: z.strictObject({
      ...scopeFields,
      prefix: keySchema.optional().describe('Keys that begin so.'),
      ...pageFields,
    }),
    output: z.object({ entries: z.array(contextEntrySchema), next_cursor: nextCursor }),
    checks: ['oneScope'],
    use: ['etag'],
  }),
  getContext: endpoint({
    ...{ method: 'GET', path: '/api/v1/db/context/{key}', tag },
    summary: 'One value',
    permission: 'memory:read',
    params: keyParams,
    query: z.strictObject(scopeFields),
    output: contextEntrySchema,
    checks: ['oneScope'],
    use: ['etag'],
    examples: [{ summary: "Of the caller's project", input: { key: 'branch' } }],
  }),
  putContext: endpoint({
    ...{ method: 'PUT', path: '/api/v1/db/context/{key}', tag },
    summary: 'Keep a value, in place of the one that is there',
    description:
      'Secrets in it are redacted as in a conversation. It goes with its session or project.',
    permission: 'memory:write',
    params: keyParams,
    query: z.strictObject(scopeFields),
    body: z.strictObject({
      value: z
        .unknown()
        .refine((value) => value !== undefined, 'Give a JSON value.')
        .describe('Any JSON value up to 256 KiB.'),
      ttl_seconds: z
        .number()
        .int()
        .min(1)
        .max(31_536_000)
        .optional()
        .describe('It goes by itself after so long; without it, it stays.'),
    }),
    output: contextEntrySchema,
    alsoStatus: [201],
    checks: ['oneScope'],
    use: ['idempotent'],
    examples: [
      { summary: 'For an hour', input: { key: 'branch', value: 'main', ttl_seconds: 3600 } },
    ],
  }),
  deleteContext: endpoint({
    ...{ method: 'DELETE', path: '/api/v1/db/context/{key}', tag },
    summary: 'Take a value away',
    permission: 'memory:write',
    params: keyParams,
    query: z.strictObject(scopeFields),
    output: z.object({ deleted: z.boolean() }),
    checks: ['oneScope'],
    use: ['idempotent'],
  }),
};
