import { type SqlBool, sql } from 'kysely';
import type { MemoryItem } from '../../contracts/memory.ts';
import type { Database } from '../database/database.ts';
import { originalContent } from '../database/text.ts';

/** Project to look in; null is all of them. */
type Scope = { projectId: string | null };

function hits(database: Database, scope: Scope, limit: number) {
  let query = database.read
    .selectFrom('conversation_messages as m')
    .innerJoin('conversation_sessions as s', 's.session_id', 'm.session_id')
    .innerJoin('projects as p', 'p.project_id', 's.project_id')
    .select(['m.turn_id', 'm.message_id', 'm.session_id', 'm.thread_id', 'm.content'])
    .select(['m.content_exact', 'm.message_type', 'm.created_at', 'm.provenance', 'm.metadata'])
    .select('p.name as project')
    .limit(limit);
  if (scope.projectId) query = query.where('s.project_id', '=', scope.projectId);
  return query;
}

type Hit = Awaited<ReturnType<ReturnType<typeof hits>['execute']>>[number] & { score: number };

function item({ content_exact, message_type, ...row }: Hit): MemoryItem {
  return {
    ...row,
    role: message_type,
    content: originalContent({ content: row.content, content_exact }),
    score: Number(row.score),
  };
}

/**
 * Messages that hold any word of the query, best first: PostgreSQL's full text with English stems.
 * A query without a searchable word (only stop words, Chinese, an emoji) is looked for as it stands.
 */
export async function searchFullText(
  database: Database,
  query: string,
  scope: Scope,
  limit: number,
): Promise<MemoryItem[]> {
  // NUL cannot be sent to PostgreSQL, and no stored text can match it.
  const words = query.replaceAll('\0', ' ');
  const anyWord = sql`replace(plainto_tsquery('english', ${words})::text, '&', '|')::tsquery`;
  const rank = sql<number>`ts_rank_cd(m.search, ${anyWord}, 1)`;
  const ranked = await hits(database, scope, limit)
    .select(rank.as('score'))
    .where(sql<SqlBool>`m.search @@ ${anyWord}`)
    .orderBy('score', 'desc')
    .orderBy('m.created_at', 'desc')
    .execute();
  if (ranked.length > 0) return ranked.map(item);
  const pattern = `%${words.trim().replace(/[\\%_]/g, '\\$&')}%`;
  const literal = await hits(database, scope, limit)
    .select(sql<number>`0`.as('score'))
    .where('m.content', 'ilike', pattern)
    .orderBy('m.created_at', 'desc')
    .execute();
  return literal.map(item);
}

/** The latest messages of a project, newest first. */
export async function recentMessages(
  database: Database,
  projectId: string,
  limit: number,
): Promise<MemoryItem[]> {
  const rows = await hits(database, { projectId }, limit)
    .select(sql<number>`0`.as('score'))
    .orderBy('m.created_at', 'desc')
    .orderBy('m.position', 'desc')
    .execute();
  return rows.map(item);
}
