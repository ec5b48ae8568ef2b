import { z } from 'zod';
import { AGENTS } from './observed.ts';
import { shortText } from './shortText.ts';

export const agentSchema = z.enum(AGENTS);

/** What a hook puts into the spool: its standard input, untouched, and where it ran. */
export const hookEntrySchema = z.object({
  v: z.literal(1),
  kind: z.literal('hook'),
  event_id: z.string().min(1),
  created_at: z.string(),
  agent: agentSchema,
  /** What the agent wrote to standard input, byte order marks removed. */
  payload: z.string(),
  cwd: z.string(),
  /** Variables of the environment that tell who runs the hook, such as `CURSOR_VERSION`. */
  env: z.record(z.string(), z.string()),
});
export type HookEntry = z.infer<typeof hookEntrySchema>;

/**
 * `capture.json` in the home: what the person has allowed and excluded. The hook reads `paused` and
 * `exclude` before it writes anything; the server reads all of it.
 */
export const captureSettingsSchema = z.object({
  v: z.literal(1).default(1),
  /** Nothing is captured by itself while this is true. */
  paused: z.boolean().default(false),
  /** Agents whose stores and transcripts may be read and kept up to date. */
  watch: z.array(agentSchema).default([]),
  exclude: z
    .object({
      agents: z.array(agentSchema).default([]),
      /** Absolute folders; what is below them is excluded too. */
      folders: z.array(shortText(4096)).default([]),
      /** Keys or names of projects. */
      projects: z.array(shortText(1024)).default([]),
    })
    .prefault({}),
  /** Redaction rules of the person's own, beside those that ship. */
  redact: z.array(z.object({ kind: shortText(60), pattern: shortText(500) })).default([]),
  retention: z
    .object({
      max_age_days: z.number().int().min(1).nullable().default(null),
      max_bytes: z.number().int().min(1).nullable().default(null),
    })
    .prefault({}),
});
export type CaptureSettings = z.infer<typeof captureSettingsSchema>;

export const captureSettingsOutput = z.object({ settings: captureSettingsSchema });
/** What is given replaces that part of the settings; the rest stays. */
export const setCaptureSettingsInput = z.object({
  paused: z.boolean().optional(),
  watch: z.array(agentSchema).optional(),
  exclude: z
    .object({
      agents: z.array(agentSchema).optional(),
      folders: z.array(shortText(4096)).optional(),
      projects: z.array(shortText(1024)).optional(),
    })
    .optional(),
  redact: z.array(z.object({ kind: shortText(60), pattern: shortText(500) })).optional(),
  retention: z
    .object({
      max_age_days: z.number().int().min(1).nullable().optional(),
      max_bytes: z.number().int().min(1).nullable().optional(),
    })
    .optional(),
});

/** A finding of the capture's health, with what mends it. */
export const captureFindingSchema = z.object({
  code: z.enum([
    'prompts_without_answers',
    'transcript_without_events',
    'dead_letters',
    'spool_waiting',
    'paused',
    'source_not_understood',
    'source_unreadable',
    'settings_malformed',
  ]),
  message: z.string(),
  /** What to do, in words; a command where one does it. */
  mend: z.string(),
});
export const agentHealthSchema = z.object({
  agent: agentSchema,
  /** Traces of the agent on this machine: its folders exist. */
  found: z.boolean(),
  watched: z.boolean(),
  /** Last event of each kind that its hooks sent: ISO 8601 time and how many so far. */
  events: z.array(z.object({ kind: z.string(), count: z.number().int(), last_at: z.string() })),
  /** Stored turns by route. */
  turns: z.record(z.string(), z.number().int()),
  last_turn_at: z.string().nullable(),
  findings: z.array(captureFindingSchema),
});
export type AgentHealth = z.infer<typeof agentHealthSchema>;
export const captureHealthOutput = z.object({
  paused: z.boolean(),
  spool: z.object({ waiting: z.number().int(), dead: z.number().int() }),
  agents: z.array(agentHealthSchema),
  findings: z.array(captureFindingSchema),
});
export type CaptureHealth = z.infer<typeof captureHealthOutput>;

export const deadLetterSchema = z.object({
  name: z.string(),
  agent: z.string().nullable(),
  created_at: z.string().nullable(),
  bytes: z.number().int(),
  reason: z.string(),
});
export const listDeadLettersOutput = z.object({ dead_letters: z.array(deadLetterSchema) });
const someDeadLetters = z.object({
  names: z.array(shortText(300)).max(1000).optional().describe('All of them when left out.'),
});
export const retryDeadLettersInput = someDeadLetters;
export const retryDeadLettersOutput = z.object({ retried: z.number().int() });
export const deleteDeadLettersInput = someDeadLetters;
export const deleteDeadLettersOutput = z.object({ deleted: z.number().int() });

/** A file or store that history can be read from. */
export const historySourceSchema = z.object({
  source_id: z.string(),
  reader: z.string(),
  agent: agentSchema,
  path: z.string(),
  bytes: z.number().int(),
  modified_at: z.string(),
  /** Conversations by the folder or project they belong to, as far as it is known. */
  projects: z.array(z.object({ name: z.string(), conversations: z.number().int() })),
  conversations: z.number().int(),
  /** When it was last read to its end; null when never. */
  read_at: z.string().nullable(),
});
export type HistorySource = z.infer<typeof historySourceSchema>;
export const findHistoryInput = z.object({
  agents: z.array(agentSchema).optional(),
  path: shortText(4096).optional().describe('A file or folder to look in instead.'),
});
export const findHistoryOutput = z.object({ sources: z.array(historySourceSchema) });
export const importHistoryInput = z.object({
  agents: z.array(agentSchema).optional(),
  sources: z.array(shortText(100)).max(10_000).optional().describe('Ids from find_history.'),
  projects: z.array(shortText(1024)).optional().describe('Only these, as find_history names them.'),
  path: shortText(4096).optional().describe('A file or folder instead of what is found by itself.'),
  project: shortText(1024).optional().describe('Project of conversations that name none.'),
  again: z.boolean().optional().describe('Also what was deleted before.'),
  watch: z.boolean().optional().describe('Keep these agents up to date from now on.'),
});
export const importJobSchema = z.object({
  job_id: z.string(),
  state: z.enum(['running', 'done', 'cancelled', 'failed']),
  sources: z.object({ done: z.number().int(), total: z.number().int() }),
  bytes: z.object({ done: z.number().int(), total: z.number().int() }),
  conversations: z.number().int(),
  excluded: z
    .number()
    .int()
    .optional()
    .describe('Conversations that the capture settings exclude.'),
  /** Turns that were new, that were completed, and that were there already. */
  turns: z.object({
    added: z.number().int(),
    completed: z.number().int(),
    known: z.number().int(),
  }),
  kept_out: z
    .number()
    .int()
    .optional()
    .describe('Turns among the known ones that were deleted, or said in a pause.'),
  problems: z.array(
    z.object({
      file: z.string(),
      at: z.union([z.number(), z.string()]).nullable(),
      reason: z.string(),
    }),
  ),
  problem_count: z.number().int(),
  error: z.string().nullable(),
  started_at: z.string(),
  finished_at: z.string().nullable(),
});
export type ImportJob = z.infer<typeof importJobSchema>;
export const importJobInput = z.object({ job_id: shortText(100) });

export const redactStoredInput = z.object({
  project: shortText(1024).optional(),
  dry_run: z.boolean().optional().describe('Count what would change, change nothing.'),
});
export const redactStoredOutput = z.object({
  messages: z.number().int().describe('Messages looked at.'),
  changed: z.number().int(),
  /** Secrets by kind. */
  kinds: z.record(z.string(), z.number().int()),
});

export const renameProjectInput = z.object({ project: shortText(1024), name: shortText(200) });
export const mergeProjectsInput = z.object({
  from: shortText(1024).describe('Project id, key or name; it is gone afterwards.'),
  into: shortText(1024),
});
export const projectOutput = z.object({
  project_id: z.string(),
  key: z.string(),
  name: z.string(),
  /** Other keys that lead to it. */
  aliases: z.array(z.string()),
});
