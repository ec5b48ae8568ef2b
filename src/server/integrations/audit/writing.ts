import type { AuditEntry } from '../../../contracts/audit.ts';
import type { Database, WriteTransaction } from '../../database/database.ts';
import { type AuditDraft, chained } from './chain.ts';

type Read = Database['read'] | WriteTransaction['read'];

/** What the database says when another server was a moment faster: the write is done again. */
class Overtaken extends Error {
  readonly code = '40001';
}

export function auditRows(read: Read) {
  return read
    .selectFrom('audit_log')
    .select(['entry_id', 'at', 'actor', 'subject', 'decision', 'detail', 'previous', 'hash']);
}

/**
 * Adds decisions at the end of the log, in a write. Of two servers that add at the same moment one
 * does its whole write again.
 */
export async function appendAudit(
  tx: WriteTransaction,
  drafts: readonly (AuditDraft & { at?: string })[],
): Promise<void> {
  if (drafts.length === 0) return;
  const last = await auditRows(tx.read).orderBy('entry_id', 'desc').limit(1).executeTakeFirst();
  const now = new Date().toISOString();
  const entries = chained(
    last ?? null,
    drafts.map((draft) => ({ at: now, ...draft })),
  );
  await tx.insert('audit_log', entries);
  await confirmOwn(tx, entries);
}

/** A row whose key is there already is left as it is: ours must be the ones that are there. */
async function confirmOwn(tx: WriteTransaction, entries: readonly AuditEntry[]): Promise<void> {
  const ids = entries.map((entry) => entry.entry_id);
  const stored = await tx.read
    .selectFrom('audit_log')
    .select('hash')
    .where('entry_id', 'in', ids)
    .execute();
  const hashes = new Set(stored.map((row) => row.hash));
  if (!entries.every((entry) => hashes.has(entry.hash))) {
    throw new Overtaken('Another server has added to the audit log.');
  }
}
