import { sql } from 'kysely';
import type { WriteTransaction } from '../database/database.ts';
import { emit } from '../webhooks/service.ts';

/** What happened to a turn in a write. */
export type TurnChange = { turn_id: string; change: 'added' | 'completed' };

const anyOf = (values: string[]) => sql<string>`any(${values}::text[])`;

/**
 * Tells webhooks of turns that this write has stored or completed: ids and figures. Called after
 * their rows were written.
 */
export function tellOfTurns(tx: WriteTransaction, turns: TurnChange[], at: string): Promise<void> {
  if (turns.length === 0) return Promise.resolve();
  return emit(tx, 'turn.captured', async () => {
    const rows = await figuresOf(tx, turns);
    return turns.flatMap(({ turn_id, change }) => {
      const parts = rows.filter((row) => row.turn_id === turn_id);
      const [first] = parts;
      if (!first) return [];
      const characters = (role: string) =>
        parts
          .filter((row) => row.message_type === role)
          .reduce((sum, row) => sum + row.characters, 0);
      const { session_id, project_id, thread_id, agent, provenance } = first;
      const place = { session_id, project_id };
      const data = {
        ...{ turn_id, session_id, thread_id, project_id, change },
        answered: parts.some((row) => row.message_type === 'assistant'),
        agent,
        model: parts.find((row) => row.model !== null)?.model ?? null,
        provenance,
        query_characters: characters('user'),
        response_characters: characters('assistant'),
        captured_at: at,
      };
      return [{ at, ...place, data }];
    });
  });
}

function figuresOf(tx: WriteTransaction, turns: TurnChange[]) {
  return tx.read
    .selectFrom('conversation_messages as m')
    .innerJoin('conversation_sessions as s', 's.session_id', 'm.session_id')
    .select(['m.turn_id', 'm.session_id', 'm.thread_id', 'm.message_type', 'm.model'])
    .select(['m.provenance', 's.project_id', 's.agent'])
    .select(sql<number>`length(m.content)`.as('characters'))
    .where('m.turn_id', '=', anyOf(turns.map((turn) => turn.turn_id)))
    .orderBy('m.position')
    .execute();
}

/** Tells webhooks of sessions that this write has closed: ids and figures. */
export function tellOfClosed(
  tx: WriteTransaction,
  sessions: string[],
  reason: 'closed' | 'idle',
): Promise<void> {
  if (sessions.length === 0) return Promise.resolve();
  return emit(tx, 'session.closed', async () => {
    const at = new Date().toISOString();
    const rows = await tx.read
      .selectFrom('conversation_sessions as s')
      .leftJoin('conversation_messages as m', 'm.session_id', 's.session_id')
      .select(['s.session_id', 's.project_id', 's.agent', 's.created_at', 's.closed_at'])
      .select((eb) => eb.fn.count<number>('m.message_id').as('message_count'))
      .select((eb) => eb.fn.count<number>('m.turn_id').distinct().as('turn_count'))
      .where('s.session_id', '=', anyOf(sessions))
      .groupBy(['s.session_id', 's.project_id', 's.agent', 's.created_at', 's.closed_at'])
      .execute();
    return rows.map(({ session_id, project_id, message_count, turn_count, ...session }) => {
      const figures = { turn_count: Number(turn_count), message_count: Number(message_count) };
      const data = { session_id, project_id, reason, ...figures, ...session };
      return { at, session_id, project_id, data };
    });
  });
}
