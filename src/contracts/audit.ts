import { z } from 'zod';

/* The log of decisions on what may leave: each entry has the hash of the one before. */

export const AUDIT_DECISIONS = ['allowed', 'refused', 'changed'] as const;

export const auditEntrySchema = z.object({
  entry_id: z.string().describe('A number with leading zeros: the order.'),
  at: z.string(),
  actor: z.string().describe('Person and token, or the part of the server that decided.'),
  subject: z.string().describe('`integration:ID`, `webhook:ID`.'),
  decision: z.enum(AUDIT_DECISIONS),
  detail: z.string().describe('JSON text, as it was hashed.'),
  previous: z.string(),
  hash: z
    .string()
    .describe(
      'SHA-256, in hexadecimal, of the JSON list [entry_id, at, actor, subject, decision, detail, previous].',
    ),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** What the first entry has as `previous`. */
export const AUDIT_GENESIS = '0'.repeat(64);

export const auditReportSchema = z.object({
  intact: z.boolean(),
  entries: z.number().int(),
  head: z.string().describe('Hash of the last entry: keep it elsewhere to see that none are gone.'),
  broken_at: z.string().nullable().describe('The first entry that does not fit.'),
  reason: z.string().nullable(),
});
export type AuditReport = z.infer<typeof auditReportSchema>;
