import { z } from 'zod';
import { endpoint, eventEndpoint, nextCursor, pageFields, timeFields } from './endpoint.ts';
import { shortText } from './shortText.ts';

export const logLevelSchema = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']);
export type LogLevel = z.infer<typeof logLevelSchema>;

export const logRecordSchema = z.object({
  time: z.string(),
  level: logLevelSchema,
  message: z.string(),
  fields: z.record(z.string(), z.unknown()).describe('What the record tells beside its message.'),
});
export type LogRecord = z.infer<typeof logRecordSchema>;

const logFilter = {
  level: logLevelSchema.optional().describe('This level and those above it.'),
  text: shortText(200).optional().describe('Records that hold this text, in any case.'),
};

export const measureSchema = z.object({
  name: z.string(),
  unit: z.string(),
  description: z.string(),
  /** The last value; null while there is none. */
  last: z.number().nullable(),
});

const measureParams = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z_]{0,63}$/, 'The name of a measure is expected.')
    .describe('A name that `GET /api/v1/db/metrics` lists.'),
});

export const observationEndpoints = {
  listLogs: endpoint({
    ...{ method: 'GET', path: '/api/v1/db/logs', tag: 'Logs' },
    summary: "The server's own log, newest first",
    description: 'It never holds the text of a conversation, a token or a password.',
    permission: 'server:read',
    query: z.strictObject({ ...logFilter, ...timeFields, ...pageFields }),
    output: z.object({ records: z.array(logRecordSchema), next_cursor: nextCursor }),
    checks: ['timeRange'],
    examples: [{ summary: 'What went wrong', input: { level: 'warn', limit: 20 } }],
  }),
  streamLogs: eventEndpoint({
    ...{ method: 'GET', path: '/api/v1/db/logs/stream', tag: 'Logs' },
    summary: "The server's own log as it is written",
    description:
      'Server-sent events named `log`. `Last-Event-ID` brings what was written since, as far as the server still has it. The stream does not keep an idle server awake.',
    permission: 'server:read',
    query: z.strictObject(logFilter),
    output: logRecordSchema,
  }),
  listMetrics: endpoint({
    ...{ method: 'GET', path: '/api/v1/db/metrics', tag: 'Metrics' },
    summary: 'What the server measures of itself',
    permission: 'server:read',
    output: z.object({ measures: z.array(measureSchema), interval_seconds: z.number() }),
  }),
  getMetric: endpoint({
    ...{ method: 'GET', path: '/api/v1/db/metrics/{name}', tag: 'Metrics' },
    summary: 'The series of one measure, oldest first',
    description: 'Kept in memory for six hours, while the server runs.',
    permission: 'server:read',
    params: measureParams,
    query: z.strictObject({
      ...timeFields,
      step_seconds: z
        .number()
        .int()
        .min(1)
        .max(86_400)
        .optional()
        .describe('One point for so long: the mean of what was measured in it.'),
    }),
    output: z.object({
      name: z.string(),
      unit: z.string(),
      points: z.array(z.object({ at: z.string(), value: z.number() })),
    }),
    checks: ['timeRange'],
    examples: [{ summary: 'By the minute', input: { name: 'requests', step_seconds: 60 } }],
  }),
};
