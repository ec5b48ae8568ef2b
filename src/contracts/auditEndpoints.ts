import { z } from 'zod';
import { AUDIT_DECISIONS, auditEntrySchema, auditReportSchema } from './audit.ts';
import { endpoint, nextCursor, pageFields, timeFields } from './endpoint.ts';
import { shortText } from './shortText.ts';

const read = { tag: 'Audit', permission: 'integrations:read' } as const;
const base = '/api/v1/audit';
const filterFields = {
  subject: shortText(200).optional().describe('For example `integration:github`.'),
  decision: z.enum(AUDIT_DECISIONS).optional(),
  ...timeFields,
};

export const auditEndpoints = {
  listAudit: endpoint({
    ...{ method: 'GET', path: base, ...read },
    summary: 'Decisions on what may leave, newest first',
    query: z.strictObject({ ...filterFields, ...pageFields }),
    output: z.object({ entries: z.array(auditEntrySchema), next_cursor: nextCursor }),
    checks: ['timeRange'],
  }),
  verifyAudit: endpoint({
    ...{ method: 'GET', path: `${base}/verify`, ...read },
    summary: 'Whether the log is as it was written',
    description:
      'Every hash is computed anew. Entries cut off at the end leave a log that fits: give `head` of an earlier answer to see that it is still in it.',
    query: z.strictObject({
      head: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .optional(),
    }),
    output: auditReportSchema,
    timeoutMs: 120_000,
  }),
  exportAudit: endpoint({
    ...{ method: 'GET', path: `${base}/export`, ...read },
    summary: 'The log in its order, by pages',
    query: z.strictObject(pageFields),
    output: z.object({ entries: z.array(auditEntrySchema), next_cursor: nextCursor }),
  }),
};
