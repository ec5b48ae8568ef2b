import { z } from 'zod';
import type { AuditEntry } from '../../../contracts/audit.ts';
import type { Database } from '../../database/database.ts';
import { decodeCursor, encodeCursor } from '../../platform/cursor.ts';
import { auditRows } from './writing.ts';

export type AuditFilter = {
  subject?: string | undefined;
  decision?: AuditEntry['decision'] | undefined;
  since?: string | undefined;
  until?: string | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
};
type Page = { entries: AuditEntry[]; next_cursor: string | null };

const DEFAULT_LIMIT = 50;
const EXPORT_LIMIT = 500;
const placeSchema = z.object({ entry_id: z.string().regex(/^\d{16}$/) });

function pageOf(rows: { decision: string }[], limit: number): Page {
  const entries = rows.slice(0, limit) as AuditEntry[];
  const last = entries.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { entries, next_cursor: hasMore ? encodeCursor({ entry_id: last.entry_id }) : null };
}

/** Entries that match, newest first. @throws TurnkeepError `invalid_request` for a wrong cursor. */
export async function listAudit(read: Database['read'], filter: AuditFilter): Promise<Page> {
  const { subject, decision, since, until, limit = DEFAULT_LIMIT, cursor } = filter;
  const after = decodeCursor(placeSchema, cursor);
  let query = auditRows(read);
  if (subject !== undefined) query = query.where('subject', '=', subject);
  if (decision !== undefined) query = query.where('decision', '=', decision);
  if (since !== undefined) query = query.where('at', '>=', since);
  if (until !== undefined) query = query.where('at', '<', until);
  if (after) query = query.where('entry_id', '<', after.entry_id);
  const rows = await query
    .orderBy('entry_id', 'desc')
    .limit(limit + 1)
    .execute();
  return pageOf(rows, limit);
}

/** Entries in their order. @throws TurnkeepError `invalid_request` for a wrong cursor. */
export async function auditInOrder(
  read: Database['read'],
  { limit = EXPORT_LIMIT, cursor }: { limit?: number | undefined; cursor?: string | undefined },
): Promise<Page> {
  const after = decodeCursor(placeSchema, cursor);
  let query = auditRows(read);
  if (after) query = query.where('entry_id', '>', after.entry_id);
  const rows = await query
    .orderBy('entry_id')
    .limit(limit + 1)
    .execute();
  return pageOf(rows, limit);
}
