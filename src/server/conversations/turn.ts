import type { SessionSummary, StoredMessage } from '../../contracts/conversations.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Database } from '../database/database.ts';
import { encodeCursor } from '../platform/cursor.ts';
import { getSession } from './browsing.ts';

/**
 * One turn, the question and what answered it, with its session.
 * @throws TurnkeepError `not_found`.
 */
export async function getTurn(
  database: Database,
  turnId: string,
): Promise<{ session: SessionSummary; messages: StoredMessage[] }> {
  const rows = await database.read
    .selectFrom('conversation_messages')
    .select(['session_id', 'position'])
    .where('turn_id', '=', turnId)
    .orderBy('position')
    .execute();
  const [first] = rows;
  if (!first) throw new TurnkeepError('not_found', `There is no turn ${turnId}.`);
  const messages: StoredMessage[] = [];
  let cursor: string | null = encodeCursor({ position: Number(first.position) - 1 });
  let session: SessionSummary | undefined;
  while (cursor !== null && messages.length < rows.length) {
    const page = await getSession(database, {
      session_id: first.session_id,
      limit: rows.length,
      cursor,
    });
    session = page.session;
    messages.push(...page.messages.filter(({ turn_id }) => turn_id === turnId));
    cursor = page.next_cursor;
  }
  if (!session) throw new TurnkeepError('not_found', `There is no turn ${turnId}.`);
  return { session, messages };
}
