import { z } from 'zod';
import { metadataSchema } from './conversations.ts';

export const memoryRoleSchema = z.enum([
  'planner',
  'implementer',
  'researcher',
  'coder',
  'general',
]);
export const memorySystemSchema = z.enum(['ltst']);

/** Which stored messages may be found; all of them when nothing is said. */
export const memoryFilterSchema = z.object({
  session_id: z.string().max(256).optional(),
  message_role: z.enum(['user', 'assistant']).optional().describe('Who said it.'),
  model: z.string().max(256).optional(),
  agent: z.string().max(256).optional(),
  provenance: z.string().max(256).optional(),
  since: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
});
export type MemoryFilter = z.infer<typeof memoryFilterSchema>;

export const queryMemoryInput = z.object({
  query: z.string().min(1).max(20_000).describe('What to look for, in your own words.'),
  role: memoryRoleSchema.optional().describe('Who asks; the default is `general`.'),
  systems: z.array(memorySystemSchema).min(1).optional().describe('Which memories to ask.'),
  max_tokens: z.number().int().min(50).max(200_000).optional().describe('Budget of `bundle`.'),
  project: z
    .string()
    .max(1024)
    .optional()
    .describe('Project id, key or name; `*` is all projects; default is the current one.'),
  limit: z.number().int().min(1).max(100).optional(),
  filter: memoryFilterSchema.optional().describe('Which messages may be found.'),
  explain: z.boolean().optional().describe('Give the parts of each score.'),
});

/** What a score is the sum of. */
export const memoryPartsSchema = z.object({
  words: z.number().describe('Words of the question in the message.'),
  neighbours: z.number().describe('Words of the question in the messages around it.'),
  session: z.number().describe('How well the whole session matches.'),
  meaning: z.number().describe('Words that mean about the same.'),
  time: z.number().describe('It is of the time asked for, or speaks of it.'),
  people: z.number().describe('The person asked about said it.'),
  answer: z.number().describe('It says something, and has what such a question asks for.'),
});
export type MemoryParts = z.infer<typeof memoryPartsSchema>;

export const memoryItemSchema = z.object({
  turn_id: z.string(),
  message_id: z.string(),
  session_id: z.string(),
  thread_id: z.string(),
  role: z.enum(['user', 'assistant']),
  content: z.string(),
  created_at: z.string(),
  score: z.number(),
  project: z.string(),
  provenance: z.string(),
  metadata: metadataSchema,
  parts: memoryPartsSchema.optional(),
});
export type MemoryItem = z.infer<typeof memoryItemSchema>;

export const queryMemoryOutput = z.object({
  query: z.string(),
  role: memoryRoleSchema,
  project: z.string(),
  systems: z.array(memorySystemSchema),
  ltst: z.object({ items: z.array(memoryItemSchema), took_ms: z.number() }).optional(),
  bundle: z.string().describe('Untrusted stored text between delimiters, within `max_tokens`.'),
  tokens: z.number().int(),
  took_ms: z.number(),
});
export type MemoryAnswer = z.infer<typeof queryMemoryOutput>;

export const projectContextInput = z.object({
  include_backlog: z.boolean().optional(),
  include_system_overview: z.boolean().optional(),
});
const fileExcerptSchema = z.object({
  path: z.string(),
  content: z.string(),
  truncated: z.boolean(),
});
export const projectContextOutput = z.object({
  project_root: z.string().nullable(),
  current_backlog: fileExcerptSchema.nullable(),
  system_overview: fileExcerptSchema.nullable(),
  memory_context: z.object({
    project: z.string(),
    session_count: z.number().int(),
    turn_count: z.number().int(),
    recent: z.array(
      memoryItemSchema.omit({ score: true, provenance: true, metadata: true, parts: true }),
    ),
  }),
});
