import { z } from 'zod';
import { callContextSchema } from './context.ts';
import { embeddingProgressSchema } from './memory.ts';
import serverNodeFlags from './serverNodeFlags.json' with { type: 'json' };

export const SERVICE_NAME = 'turnkeep';
export const DEFAULT_PORT = 3000;
/** Major version of the embedded PostgreSQL: the only one whose data folder it opens. */
export const EMBEDDED_POSTGRES_MAJOR = 18;
export const DEFAULT_IDLE_EXIT_MINUTES = 15;

/**
 * Node flags of the server's process: its heap is small and short-lived, the database's memory is
 * not on it. They take about a quarter off the resident memory (`npm run bench`).
 */
export const SERVER_NODE_FLAGS: readonly string[] = serverNodeFlags;

/** `server.json` in the home: the server in use. */
export const discoverySchema = z.object({
  pid: z.number().int(),
  url: z.string(),
  version: z.string(),
  started_at: z.string(),
  /** Which database it runs on (`databaseFingerprint`); absent in the first versions. */
  database: z.string().optional(),
});
export type Discovery = z.infer<typeof discoverySchema>;

/** First line a starting server writes on its standard output: the outcome of the start. */
export const startReportSchema = z.discriminatedUnion('ready', [
  z.object({ ready: z.literal(true), ...discoverySchema.shape }),
  z.object({ ready: z.literal(false), error: z.object({ code: z.string(), message: z.string() }) }),
]);
export type StartReport = z.infer<typeof startReportSchema>;

export const databaseStatusSchema = z.object({
  engine: z.enum(['pglite', 'postgres', 'memory']),
  state: z.enum(['ok', 'unavailable']),
  version: z.string().nullable(),
  /** Where it is, without a password: a folder, `memory` or a DSN with the password masked. */
  location: z.string(),
  latency_ms: z.number().nullable(),
  size_bytes: z.number().nullable(),
  migrations: z.object({ applied: z.array(z.string()), pending: z.array(z.string()) }),
  /** Differences between the schema found and the schema expected; empty when there are none. */
  drift: z.array(z.string()),
  journal: z.object({ entries: z.number().int(), bytes: z.number().int() }).nullable(),
  last_backup: z.string().nullable(),
  error: z.string().nullable(),
});
export type DatabaseStatus = z.infer<typeof databaseStatusSchema>;

export const healthSchema = z.object({
  status: z.enum(['ok', 'degraded']),
  timestamp: z.string(),
  service: z.string(),
  version: z.string(),
  /** Seconds since the start. */
  uptime: z.number(),
  /** Share of requests of this process that ended with a 5xx, 0 to 1. */
  error_rate: z.number(),
  database_status: z.string(),
  /** Resident set size in bytes. */
  memory_usage: z.number(),
  request_count: z.number().int(),
  spool: z.object({ waiting: z.number().int(), dead: z.number().int() }),
  /** Automatic capture in short; `get_capture_health` tells more. */
  capture: z.object({ paused: z.boolean(), findings: z.number().int() }).optional(),
});
export type Health = z.infer<typeof healthSchema>;

export const serverStatusOutput = z.object({
  pid: z.number().int(),
  url: z.string(),
  home: z.string(),
  started_at: z.string(),
  idle_exit_minutes: z.number(),
  health: healthSchema,
  database: databaseStatusSchema,
  embeddings: embeddingProgressSchema.optional().describe('While a model is switched on for them.'),
});
export type ServerStatus = z.infer<typeof serverStatusOutput>;

export const stopServerInput = z.object({ reason: z.string().max(200).optional() });
export const stopServerOutput = z.object({ stopping: z.literal(true), pid: z.number().int() });

export const runSqlInput = z.object({
  sql: z.string().min(1).max(100_000),
  write: z
    .boolean()
    .optional()
    .describe('Without it the statement runs in a read-only transaction.'),
});
export const runSqlOutput = z.object({
  columns: z.array(z.string()),
  rows: z.array(z.array(z.string().nullable())),
  command: z.string(),
  row_count: z.number().int(),
});
export type SqlResult = z.infer<typeof runSqlOutput>;

export const backupInput = z.object({ file: z.string().min(1).max(4096).optional() });
export const backupOutput = z.object({
  file: z.string(),
  rows: z.number().int(),
  bytes: z.number().int(),
});
export const restoreInput = z.object({
  file: z.string().min(1).max(4096),
  replace: z.boolean().optional().describe('Replace what is stored; a backup of it is made first.'),
});
export const restoreOutput = z.object({
  rows: z.number().int(),
  safety_backup: z.string().nullable(),
});
export const migrateOutput = z.object({
  applied: z.array(z.string()),
  pending: z.array(z.string()),
});

/** A capture that waits in `spool/` for a server: one file each, named so that names sort by time. */
export const spoolEntrySchema = z.object({
  v: z.literal(1),
  event_id: z.string().min(1),
  created_at: z.string(),
  tool: z.enum([
    'capture_user_query',
    'capture_ai_response',
    'record_chat_history',
    'capture_turns',
  ]),
  arguments: z.record(z.string(), z.unknown()),
  context: callContextSchema,
  /** The database it was meant for (`databaseFingerprint`), when the caller named one. */
  database: z.string().max(100).optional(),
});
export type SpoolEntry = z.infer<typeof spoolEntrySchema>;

/** Every REST answer. */
export type Envelope<T> = {
  success: boolean;
  data: T | null;
  error: { code: string; message: string; fields?: { path: string; message: string }[] } | null;
  timestamp: string;
  request_id: string;
};
