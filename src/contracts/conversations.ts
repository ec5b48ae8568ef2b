import { z } from 'zod';
import { MAX_BATCH } from './limits.ts';
import { shortText } from './shortText.ts';

const text = (what: string) => z.string().min(1, `${what} is empty: give the text to keep.`);

export const metadataSchema = z
  .record(z.string(), z.unknown())
  .describe('Any JSON object up to 64 KiB, stored with the message.');

const eventIdSchema = shortText(200)
  .optional()
  .describe('Idempotency key: the same event is stored once, however often it is sent.');

const createdAtSchema = z.iso
  .datetime({ offset: true, local: true })
  .describe('ISO 8601 time; without an offset it is UTC.');

export const captureQueryInput = z.object({
  query: text('query').describe('What the person asked, verbatim.'),
  metadata: metadataSchema.optional(),
  thread_id: shortText(500).optional().describe('A thread to continue or to begin.'),
  event_id: eventIdSchema,
});

export const captureResponseInput = z.object({
  response: text('response').describe('What the AI answered, verbatim.'),
  query_turn_id: z
    .uuid()
    .optional()
    .describe('The turn that it answers; without it, the last open query of the session.'),
  metadata: metadataSchema.optional(),
  event_id: eventIdSchema,
});

export const recordChatHistoryInput = z.object({
  user_input: text('user_input').describe('What the person asked, verbatim.'),
  system_output: text('system_output').describe('What the AI answered, verbatim.'),
  project_dir: shortText(4096).describe('Absolute path of the project.'),
  file_operations: z.array(z.unknown()).or(z.string()).optional().describe('Files touched.'),
  llm_name: shortText(200).optional().describe('The model that answered.'),
  thread_id: shortText(500).optional(),
  event_id: eventIdSchema,
});

export const captureResultSchema = z.object({
  turn_id: z.string(),
  session_id: z.string(),
  thread_id: z.string(),
  message: z.string(),
});
export type CaptureResult = z.infer<typeof captureResultSchema>;

export const batchTurnSchema = z.object({
  query: text('query'),
  response: text('response'),
  metadata: metadataSchema.optional(),
  event_id: eventIdSchema,
});
export type BatchTurn = z.infer<typeof batchTurnSchema>;
export const captureTurnsInput = z.object({
  turns: z.array(batchTurnSchema).min(1).max(MAX_BATCH),
});
export const captureTurnsOutput = z.object({
  session_id: z.string(),
  thread_id: z.string(),
  turn_ids: z.array(z.string()),
  captured: z.number().int(),
});

export const statsOutput = z.object({
  stats: z.object({
    session_id: z.string().nullable(),
    thread_id: z.string().nullable(),
    message_count: z.number().int(),
    turn_count: z.number().int(),
    project: z.string().nullable(),
    started_at: z.string().nullable(),
    last_activity_at: z.string().nullable(),
    totals: z.object({
      projects: z.number().int(),
      sessions: z.number().int(),
      turns: z.number().int(),
      messages: z.number().int(),
    }),
  }),
  session_id: z.string().nullable(),
  thread_id: z.string().nullable(),
});
export type Statistics = z.infer<typeof statsOutput>;

export const closeSessionOutput = z.object({
  session_id: z.string().nullable(),
  thread_id: z.string().nullable(),
  closed: z.boolean(),
  message: z.string(),
});

const page = {
  limit: z.number().int().min(1).max(500).optional(),
  cursor: shortText(500).optional().describe('`next_cursor` of the page before.'),
};

export const projectSummarySchema = z.object({
  project_id: z.string(),
  key: z.string(),
  name: z.string(),
  root: z.string().nullable(),
  session_count: z.number().int(),
  message_count: z.number().int(),
  last_activity_at: z.string().nullable(),
});
export type ProjectSummary = z.infer<typeof projectSummarySchema>;
export const listProjectsOutput = z.object({ projects: z.array(projectSummarySchema) });

export const sessionSummarySchema = z.object({
  session_id: z.string(),
  project_id: z.string(),
  project: z.string(),
  title: z.string(),
  status: z.enum(['open', 'closed']),
  source: z.string(),
  agent: z.string().nullable(),
  turn_count: z.number().int(),
  message_count: z.number().int(),
  created_at: z.string(),
  last_activity_at: z.string(),
});
export type SessionSummary = z.infer<typeof sessionSummarySchema>;
export const listSessionsInput = z.object({
  project: shortText(1024).optional().describe('Project id, key or name.'),
  ...page,
});
export const listSessionsOutput = z.object({
  sessions: z.array(sessionSummarySchema),
  next_cursor: z.string().nullable(),
});

export const storedMessageSchema = z.object({
  message_id: z.string(),
  turn_id: z.string(),
  thread_id: z.string(),
  position: z.number().int(),
  role: z.enum(['user', 'assistant']),
  content: z.string(),
  created_at: z.string(),
  model: z.string().nullable(),
  provenance: z.string(),
  /** Every route that brought the turn, the first one first. */
  provenances: z.array(z.string()).optional(),
  metadata: metadataSchema,
});
export type StoredMessage = z.infer<typeof storedMessageSchema>;
export const getSessionInput = z.object({ session_id: z.uuid(), ...page });
export const getSessionOutput = z.object({
  session: sessionSummarySchema,
  messages: z.array(storedMessageSchema),
  next_cursor: z.string().nullable(),
});

export const getTurnInput = z.object({ turn_id: z.uuid() });
export const getTurnOutput = z.object({
  session: sessionSummarySchema,
  messages: z.array(storedMessageSchema),
});

/** One line of the JSONL of import and export. */
export const messageLineSchema = z.object({
  session: shortText(500),
  thread: shortText(500).optional(),
  project: shortText(200).optional(),
  role: z.enum(['user', 'assistant']),
  content: z.string(),
  created_at: createdAtSchema.optional(),
  model: shortText(200).optional(),
  metadata: metadataSchema.optional(),
});
export type MessageLine = z.infer<typeof messageLineSchema>;
export const importMessagesInput = z.object({
  lines: z
    .array(
      messageLineSchema.extend({
        occurrence: z
          .number()
          .int()
          .min(1)
          .describe('The how-many-eth time this role and content comes in this session.'),
      }),
    )
    .min(1)
    .max(MAX_BATCH),
  project: shortText(200).optional().describe('Project of lines that name none.'),
});
export const importMessagesOutput = z.object({
  imported: z.number().int(),
  skipped: z.number().int().describe('Lines that were stored already.'),
});
export const exportMessagesInput = z.object({
  project: shortText(1024).optional(),
  session_id: shortText(500).optional(),
  ...page,
});
export const exportMessagesOutput = z.object({
  lines: z.array(messageLineSchema),
  next_cursor: z.string().nullable(),
});

export const deleteInput = z.object({
  turn_id: z.uuid().optional(),
  session_id: z.uuid().optional(),
  project: shortText(1024).optional(),
  older_than_days: z.number().min(0).optional(),
  dry_run: z.boolean().optional().describe('Count what would go, delete nothing.'),
  backups: z.boolean().optional().describe('Also take it out of the backups.'),
});
export const deleteOutput = z.object({
  sessions: z.number().int(),
  turns: z.number().int(),
  messages: z.number().int(),
  deleted: z.boolean(),
  backups: z.number().int().optional().describe('Backup files that were rewritten.'),
});

export const seenModelSchema = z.object({
  model: z.string(),
  turn_count: z.number().int(),
  first_used_at: z.string(),
  last_used_at: z.string(),
});
export type SeenModel = z.infer<typeof seenModelSchema>;
