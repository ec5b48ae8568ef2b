import { AUDIT_GENESIS, type AuditEntry, type AuditReport } from '../../../contracts/audit.ts';
import { entryId, hashOf } from './chain.ts';

type Page = { entries: AuditEntry[]; next_cursor: string | null };
type ReadPage = (page: { cursor?: string }) => Promise<Page>;

/** What does not fit in an entry that has to be at a place after another; null when all fits. */
function misfit(entry: AuditEntry, place: number, previous: string): string | null {
  if (entry.entry_id !== entryId(place)) {
    return `Entry ${entryId(place)} is missing: ${entry.entry_id} stands in its place.`;
  }
  if (entry.previous !== previous) return 'It does not follow the entry before it.';
  if (hashOf(entry) !== entry.hash) return 'It was changed after it was written.';
  return null;
}

/**
 * Reads the log from its begin and computes every hash anew.
 * @param head hash of an entry that has to be there: it tells when the end was cut off
 */
export async function verifyAudit(read: ReadPage, head?: string): Promise<AuditReport> {
  let [place, previous] = [0, AUDIT_GENESIS];
  let isHeadSeen = head === undefined || head === AUDIT_GENESIS;
  let cursor: string | undefined;
  do {
    const page = await read(cursor === undefined ? {} : { cursor });
    for (const entry of page.entries) {
      place += 1;
      const reason = misfit(entry, place, previous);
      if (reason !== null) {
        const broken_at = entry.entry_id;
        return { intact: false, entries: place - 1, head: previous, broken_at, reason };
      }
      previous = entry.hash;
      if (previous === head) isHeadSeen = true;
    }
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  const reason = isHeadSeen
    ? null
    : 'The entry of the head that was given is not there: the end of the log was cut off, or the head is of another log.';
  return { intact: isHeadSeen, entries: place, head: previous, broken_at: null, reason };
}
