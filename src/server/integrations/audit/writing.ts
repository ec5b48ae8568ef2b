import { sql } from 'kysely';
import type { Database, WriteTransaction } from '../../database/database.ts';
import { type AuditDraft, chained } from './chain.ts';

type Read = Database['read'] | WriteTransaction['read'];

/** Whoever adds to the log holds this until its write ends; others wait in turn. */
const LOG_LOCK = 7_202_611;

export function auditRows(read: Read) {
  return read
    .selectFrom('audit_log')
    .select(['entry_id', 'at', 'actor', 'subject', 'decision', 'detail', 'previous', 'hash']);
}

/**
 * Adds decisions at the end of the log, in a write. Servers on one database add one after the other:
 * the end is read when the lock is held, so that each entry follows the one before.
 */
export async function appendAudit(
  tx: WriteTransaction,
  drafts: readonly (AuditDraft & { at?: string })[],
): Promise<void> {
  if (drafts.length === 0) return;
  await sql`select pg_advisory_xact_lock(${sql.lit(LOG_LOCK)})`.execute(tx.read);
  const last = await auditRows(tx.read).orderBy('entry_id', 'desc').limit(1).executeTakeFirst();
  const now = new Date().toISOString();
  const dated = drafts.map((draft) => ({ at: now, ...draft }));
  await tx.insert('audit_log', chained(last ?? null, dated));
}
