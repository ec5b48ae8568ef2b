import { createHash } from 'node:crypto';
import { AUDIT_GENESIS, type AuditEntry } from '../../../contracts/audit.ts';

/** What is told of a decision; its place in the chain comes when it is written. */
export type AuditDraft = {
  actor: string;
  subject: string;
  decision: AuditEntry['decision'];
  /** Hosts, paths, counts, reasons; never what was sent. */
  detail: Record<string, unknown>;
};

const DIGITS = 16;

/** The id of the entry at a place; the first is 1. */
export function entryId(place: number): string {
  return String(place).padStart(DIGITS, '0');
}

export function hashOf(entry: Omit<AuditEntry, 'hash'>): string {
  const { entry_id, at, actor, subject, decision, detail, previous } = entry;
  const text = JSON.stringify([entry_id, at, actor, subject, decision, detail, previous]);
  return createHash('sha256').update(text).digest('hex');
}

/** Drafts as the entries that follow the last one; null for the first of all. */
export function chained(
  last: Pick<AuditEntry, 'entry_id' | 'hash'> | null,
  drafts: readonly (AuditDraft & { at: string })[],
): AuditEntry[] {
  let place = last ? Number(last.entry_id) : 0;
  let previous = last?.hash ?? AUDIT_GENESIS;
  return drafts.map(({ at, actor, subject, decision, detail }) => {
    place += 1;
    const open = {
      entry_id: entryId(place),
      ...{ at, actor, subject, decision, detail: JSON.stringify(detail), previous },
    };
    const entry = { ...open, hash: hashOf(open) };
    previous = entry.hash;
    return entry;
  });
}
