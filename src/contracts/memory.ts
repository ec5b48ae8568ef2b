import { z } from 'zod';
import { metadataSchema } from './conversations.ts';

export const memoryRoleSchema = z.enum([
  'planner',
  'implementer',
  'researcher',
  'coder',
  'general',
]);
export const memorySystemSchema = z.enum(['ltst', 'cursor', 'cli', 'prime']);
export type MemorySystem = z.infer<typeof memorySystemSchema>;
export type MemoryRole = z.infer<typeof memoryRoleSchema>;
/** Names that systems are asked for by; `go_cli` is another name of `cli`. */
export const askedSystemSchema = z.enum([...memorySystemSchema.options, 'go_cli']);

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
  systems: z
    .array(askedSystemSchema)
    .min(1)
    .optional()
    .describe(
      'Which memories to ask; default `ltst`. ltst: search; cursor: where the work stands; cli: the latest turns; prime: decisions, goals, open questions, next actions.',
    ),
  max_tokens: z
    .number()
    .int()
    .min(50)
    .max(200_000)
    .optional()
    .describe('Budget of `bundle`; default 4000.'),
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
  embedding: z.number().optional().describe('By the embedding model, while one is switched on.'),
  role: z.number().describe('What it gains or loses by who asks; 0 for `general`.'),
});
export type MemoryParts = z.infer<typeof memoryPartsSchema>;
/** The parts that do not depend on who asks. */
export type RankedParts = Omit<MemoryParts, 'role'>;

/** The embedding model in a search; with `error` it was answered without. */
export const embeddingUseSchema = z.object({ model: z.string(), error: z.string().nullable() });
export type EmbeddingUse = z.infer<typeof embeddingUseSchema>;
/** How far the vectors of the stored messages are. */
export const embeddingProgressSchema = z.object({
  model: z.string().nullable().describe('Null when it is not known what the setting names.'),
  made: z.number().int(),
  total: z.number().int(),
  error: z.string().nullable().describe('Why it waits.'),
});
export type EmbeddingProgress = z.infer<typeof embeddingProgressSchema>;

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

/** Where the work stands: the last sessions of the project, questions without an answer, files. */
export const cursorSystemSchema = z.object({
  items: z.array(memoryItemSchema).describe('The last message of each of the last sessions.'),
  open_questions: z.array(memoryItemSchema),
  files: z.array(z.object({ path: z.string(), message_id: z.string(), created_at: z.string() })),
  took_ms: z.number(),
});

/** The conversation record as the command line gives it: the latest turns and statistics. */
export const cliSystemSchema = z.object({
  items: z.array(memoryItemSchema),
  stats: z.object({
    sessions: z.number().int(),
    turns: z.number().int(),
    messages: z.number().int(),
    first_at: z.string().nullable(),
    last_at: z.string().nullable(),
  }),
  took_ms: z.number(),
});

export const insightKindSchema = z.enum([
  'decision',
  'goal',
  'open_question',
  'next_action',
  'preference',
  'file',
]);
export const insightSchema = z.object({
  kind: insightKindSchema,
  text: z.string(),
  evidence: z.array(z.string()).describe('The messages that it was read from.'),
  created_at: z.string(),
  score: z.number(),
  replaced_by: z.string().optional().describe('Text of a later decision that replaces this one.'),
});
export type Insight = z.infer<typeof insightSchema>;
/** What the project's stored turns say on a high level, each linked to its evidence. */
export const primeSystemSchema = z.object({ items: z.array(insightSchema), took_ms: z.number() });

export const queryMemoryOutput = z.object({
  query: z.string(),
  role: memoryRoleSchema,
  project: z.string(),
  systems: z.array(memorySystemSchema),
  ltst: z
    .object({
      items: z.array(memoryItemSchema),
      other_halves: z
        .array(memoryItemSchema)
        .describe('The question or the answer to each item, where it is not an item itself.'),
      embedding: embeddingUseSchema.optional(),
      took_ms: z.number(),
    })
    .optional(),
  cursor: cursorSystemSchema.optional(),
  cli: cliSystemSchema.optional(),
  prime: primeSystemSchema.optional(),
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

/** Hot context: what was said lately, pinned items first. */
export const hotContextInput = z.object({
  hours: z.number().min(0).max(8760).optional().describe('How far back; default 24.'),
  limit: z.number().int().min(1).max(100).optional(),
});
export const hotSearchInput = z.object({
  query: z.string().min(1).max(20_000),
  hours: z.number().min(0).max(8760).optional(),
  limit: z.number().int().min(1).max(100).optional(),
});
export const hotContextOutput = z.object({
  items: z.array(memoryItemSchema.extend({ pinned_until: z.string().nullable() })),
  bundle: z.string(),
  tokens: z.number().int(),
  took_ms: z.number(),
});
export const pinHotItemInput = z.object({
  item_id: z.uuid().describe('A message_id or turn_id of a stored message.'),
  ttl_hours: z.number().min(0).max(8760).optional().describe('Default 24; 0 takes the pin away.'),
});
export const pinHotItemOutput = z.object({
  item_id: z.string(),
  pinned_until: z.string().nullable(),
});
