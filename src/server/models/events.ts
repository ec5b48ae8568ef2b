import { z } from 'zod';
import type { ModelEvent } from '../../contracts/modelEndpoints.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import { decodeCursor, encodeCursor } from '../platform/cursor.ts';
import { uuidv7 } from '../platform/ids.ts';

/** What happens to an entry of the registry. */
export type EventKind =
  | 'registered'
  | 'updated'
  | 'activated'
  | 'deactivated'
  | 'alias'
  | 'alias_removed'
  | 'metrics'
  | 'violated'
  | 'recovered';

type Event = { model_id: string; kind: EventKind; at: string; detail: Record<string, unknown> };

/** Notes in the history of a model what happens to it, in the same write. */
export function note(tx: WriteTransaction, event: Event): Promise<void> {
  return noteAll(tx, [event]);
}

/** The same of several. */
export function noteAll(tx: WriteTransaction, events: readonly Event[]): Promise<void> {
  const rows = events.map(({ detail, ...event }) => {
    return { event_id: uuidv7(), ...event, detail: JSON.stringify(detail) };
  });
  return tx.insert('model_events', rows);
}

const place = z.object({ at: z.iso.datetime(), event_id: z.string().max(100) });

/** What happened to a model, newest first, by pages. */
export async function historyOf(
  database: Database,
  model_id: string,
  filter: { kind?: string | undefined; limit?: number | undefined; cursor?: string | undefined },
): Promise<{ events: ModelEvent[]; next_cursor: string | null }> {
  const { kind, limit = 50 } = filter;
  const from = decodeCursor(place, filter.cursor);
  let query = database.read
    .selectFrom('model_events')
    .select(['event_id', 'model_id', 'kind', 'at', 'detail'])
    .where('model_id', '=', model_id);
  if (kind !== undefined) query = query.where('kind', '=', kind);
  if (from) {
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('at', 'event_id'), '<', tuple(from.at, from.event_id)),
    );
  }
  const rows = await query
    .orderBy('at', 'desc')
    .orderBy('event_id', 'desc')
    .limit(limit + 1)
    .execute();
  const events = rows.slice(0, limit);
  const last = rows.length > limit ? events.at(-1) : undefined;
  const next = last ? encodeCursor({ at: last.at, event_id: last.event_id }) : null;
  return { events, next_cursor: next };
}
