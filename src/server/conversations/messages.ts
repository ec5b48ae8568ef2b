import { sql } from 'kysely';
import { z } from 'zod';
import type { StoredMessage } from '../../contracts/conversations.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Database } from '../database/database.ts';
import { originalContent } from '../database/text.ts';
import { decodeCursor, encodeCursor } from '../platform/cursor.ts';
import { fittingRows } from './pages.ts';

const messagePlace = z.object({ position: z.number().int().min(0).max(2_147_483_647) });

type MessagesFilter = {
  session_id: string;
  thread_id?: string | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
};

function storedMessages(database: Database) {
  return database.read
    .selectFrom('conversation_messages')
    .select(['message_id', 'turn_id', 'thread_id', 'position', 'message_type', 'content'])
    .select(['content_exact', 'created_at', 'model', 'provenance', 'metadata'])
    .orderBy('position');
}

type Row = Awaited<ReturnType<ReturnType<typeof storedMessages>['execute']>>[number];

/** A page of the messages of a session, or of one thread of it, in order. */
export async function messagesOf(
  database: Database,
  { session_id, thread_id, limit = 200, cursor }: MessagesFilter,
): Promise<{ messages: StoredMessage[]; next_cursor: string | null }> {
  const after = decodeCursor(messagePlace, cursor)?.position ?? 0;
  let sizes = database.read
    .selectFrom('conversation_messages')
    .select(['position', sql<number>`octet_length(content)`.as('bytes')])
    .where('session_id', '=', session_id)
    .where('position', '>', after);
  if (thread_id !== undefined) sizes = sizes.where('thread_id', '=', thread_id);
  const sized = await sizes
    .orderBy('position')
    .limit(limit + 1)
    .execute();
  const page = sized.slice(0, Math.min(limit, fittingRows(sized)));
  const end = Number(page.at(-1)?.position ?? after);
  let query = storedMessages(database)
    .where('session_id', '=', session_id)
    .where('position', '>', after)
    .where('position', '<=', end);
  if (thread_id !== undefined) query = query.where('thread_id', '=', thread_id);
  return {
    messages: await withRoutes(database, await query.execute()),
    next_cursor: page.length < sized.length ? encodeCursor({ position: end }) : null,
  };
}

/**
 * The messages of one turn, in order.
 * @throws TurnkeepError `not_found`.
 */
export async function turnOf(
  database: Database,
  turnId: string,
): Promise<{ turn_id: string; session_id: string; messages: StoredMessage[] }> {
  const rows = await storedMessages(database)
    .select('session_id')
    .where('turn_id', '=', turnId)
    .execute();
  const session_id = rows[0]?.session_id;
  if (!session_id) throw new TurnkeepError('not_found', `There is no turn ${turnId}.`);
  const own = rows.map(({ session_id: _, ...row }) => row);
  return { turn_id: turnId, session_id, messages: await withRoutes(database, own) };
}

async function withRoutes(database: Database, rows: Row[]): Promise<StoredMessage[]> {
  const routes = await routesOf(database, [...new Set(rows.map(({ turn_id }) => turn_id))]);
  return rows.map(({ content_exact, message_type, position, ...message }) => ({
    ...message,
    provenances: [...new Set([message.provenance, ...(routes.get(message.turn_id) ?? [])])],
    position: Number(position),
    role: message_type,
    content: originalContent({ content: message.content, content_exact }),
  }));
}

/** The routes that have told of each turn, the first one first. */
async function routesOf(database: Database, turnIds: string[]): Promise<Map<string, string[]>> {
  const routes = new Map<string, string[]>();
  if (turnIds.length === 0) return routes;
  const rows = await database.read
    .selectFrom('turn_refs')
    .select(['turn_id', 'provenance', (eb) => eb.fn.min('created_at').as('first_at')])
    .where('turn_id', 'in', turnIds)
    .groupBy(['turn_id', 'provenance'])
    .orderBy('first_at')
    .execute();
  for (const { turn_id, provenance } of rows) {
    routes.set(turn_id, [...(routes.get(turn_id) ?? []), provenance]);
  }
  return routes;
}
