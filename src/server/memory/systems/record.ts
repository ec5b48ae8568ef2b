import { sql } from 'kysely';
import type { MemoryAnswer } from '../../../contracts/memory.ts';
import type { Database } from '../../database/database.ts';
import { filterConditions, type Scope } from '../index/reader.ts';
import { recentItems } from '../items.ts';

type RecordAnswer = Omit<NonNullable<MemoryAnswer['cli']>, 'took_ms'>;

/** The conversation record as the command line gives it: the latest turns and statistics. */
export async function conversationRecord(
  database: Database,
  scope: Scope,
  limit: number,
): Promise<RecordAnswer> {
  const items = await recentItems(database, scope, limit);
  const conditions = [
    ...(scope.projectId ? [sql`s.project_id = ${scope.projectId}`] : []),
    ...filterConditions(scope.filter),
  ];
  const where = conditions.length > 0 ? sql`where ${sql.join(conditions, sql` and `)}` : sql``;
  const found = await sql<RecordAnswer['stats']>`
    select count(distinct m.session_id) as sessions, count(distinct m.turn_id) as turns,
      count(*) as messages, min(m.created_at) as first_at, max(m.created_at) as last_at
    from conversation_messages m join conversation_sessions s on s.session_id = m.session_id
    ${where}`.execute(database.read);
  const row = found.rows[0];
  return {
    items,
    stats: {
      sessions: Number(row?.sessions ?? 0),
      turns: Number(row?.turns ?? 0),
      messages: Number(row?.messages ?? 0),
      first_at: row?.first_at ?? null,
      last_at: row?.last_at ?? null,
    },
  };
}
