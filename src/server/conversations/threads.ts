import { sql } from 'kysely';
import { z } from 'zod';
import type { ThreadSummary } from '../../contracts/conversationEndpoints.ts';
import type { Database } from '../database/database.ts';
import { decodeCursor, encodeCursor } from '../platform/cursor.ts';

const threadPlace = z.object({ at: z.iso.datetime(), id: z.uuid() });

/** Threads of a session, oldest first, by pages. */
export async function threadsOf(
  database: Database,
  filter: { session_id: string; limit?: number | undefined; cursor?: string | undefined },
): Promise<{ threads: ThreadSummary[]; next_cursor: string | null }> {
  const limit = filter.limit ?? 50;
  const place = decodeCursor(threadPlace, filter.cursor);
  let query = database.read
    .selectFrom('atlas_thread as t')
    .leftJoin('conversation_messages as m', (join) =>
      join.onRef('m.thread_id', '=', 't.thread_id').onRef('m.session_id', '=', 't.session_id'),
    )
    .select(['t.thread_id', 't.session_id', 't.external_id', 't.created_at'])
    .select([
      sql<string>`count(m.message_id)`.as('messages'),
      sql<string>`count(distinct m.turn_id)`.as('turns'),
    ])
    .where('t.session_id', '=', filter.session_id)
    .groupBy(['t.thread_id', 't.session_id', 't.external_id', 't.created_at']);
  if (place) {
    query = query.where(
      sql<boolean>`(t.created_at, t.thread_id) > (${place.at}::timestamptz, ${place.id})`,
    );
  }
  const rows = await query
    .orderBy('t.created_at')
    .orderBy('t.thread_id')
    .limit(limit + 1)
    .execute();
  const threads = rows.slice(0, limit).map(({ external_id, messages, turns, ...thread }) => ({
    ...thread,
    name: external_id,
    message_count: Number(messages),
    turn_count: Number(turns),
  }));
  const last = rows.length > limit ? threads.at(-1) : undefined;
  return {
    threads,
    next_cursor: last ? encodeCursor({ at: last.created_at, id: last.thread_id }) : null,
  };
}
