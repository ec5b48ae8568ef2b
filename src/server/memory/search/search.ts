import { type SqlBool, sql } from 'kysely';
import type { EmbeddingUse, MemoryParts, RankedParts } from '../../../contracts/memory.ts';
import type { Database } from '../../database/database.ts';
import type { MemoryEmbeddings } from '../embeddings/embeddings.ts';
import { filterConditions, type Scope, SqlIndexReader } from '../index/reader.ts';
import { type Found, loadTurns, rounded } from '../items.ts';
import type { Similar } from '../meaning/wordTable.ts';
import { readQuestion } from './question.ts';
import { rank } from './rank.ts';
import { weights } from './weights.ts';

export type SearchOptions = {
  limit: number;
  explain: boolean;
  /** What "last week" is seen from, milliseconds. */
  now: number;
  similar: (term: string, least: number) => Similar[];
  embeddings?: MemoryEmbeddings | undefined;
  signal?: AbortSignal | undefined;
};

/** Places that the embedding model brings: with a filter more, as it takes some away. */
const NEAREST = 50;
const MORE_FOR_FILTER = 10;

/**
 * The stored messages that answer a question, best first, with the rest of their turns. A question without a word that could be
 * looked for (only stop words, a lone sign) is looked for as it stands.
 */
export async function search(
  database: Database,
  query: string,
  scope: Scope,
  options: SearchOptions,
): Promise<Found & { embedding?: EmbeddingUse }> {
  const question = readQuestion(query, options.now);
  const reader = new SqlIndexReader(database, scope);
  const asked = await options.embeddings?.nearest(
    query,
    scope.projectId,
    NEAREST * (scope.filter ? MORE_FOR_FILTER : 1),
    () => reader.wantedSessions(),
    options.signal,
  );
  const ranked = await rank(reader, question, {
    weights,
    wanted: options.limit,
    similar: options.similar,
    nearest: asked?.near,
  });
  const embedding = asked ? { embedding: asked.use } : {};
  const found = ranked.slice(0, options.limit);
  if (found.length === 0) {
    return { ...(await literally(database, query, scope, options.limit)), ...embedding };
  }
  const ids = found.map(({ id }) => id);
  const { items, other_halves } = await loadTurns(database, ids, scope.filter);
  const scores = new Map(found.map((one) => [one.id, one]));
  const scored = items.flatMap((item) => {
    const ranked = scores.get(item.message_id);
    if (!ranked) return [];
    const parts = options.explain ? { parts: round(ranked.parts) } : {};
    return [{ ...item, score: rounded(ranked.score), ...parts }];
  });
  return { items: scored, other_halves, ...embedding };
}

function round(parts: RankedParts): MemoryParts {
  const entries = Object.entries(parts).map(([name, value]) => [name, rounded(value ?? 0)]);
  return { ...(Object.fromEntries(entries) as RankedParts), role: 0 };
}

/** A literal search reads every message: only so many of the latest, so that it always ends soon. */
const LITERAL_MESSAGES = 20_000;

async function literally(
  database: Database,
  query: string,
  scope: Scope,
  limit: number,
): Promise<Found> {
  // NUL and half characters cannot be sent to PostgreSQL, and no stored text can match them.
  const text = query.replaceAll('\0', ' ').toWellFormed().trim();
  if (text === '' || text.length > 200) return loadTurns(database, [], scope.filter);
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  let recent = database.read
    .selectFrom('conversation_messages as m')
    .innerJoin('conversation_sessions as s', 's.session_id', 'm.session_id')
    .select('m.message_id')
    .orderBy('m.created_at', 'desc')
    .limit(LITERAL_MESSAGES);
  if (scope.projectId) recent = recent.where('s.project_id', '=', scope.projectId);
  for (const condition of filterConditions(scope.filter)) recent = recent.where(condition);
  const rows = await database.read
    .selectFrom('conversation_messages as m')
    .select('m.message_id')
    .where('m.message_id', 'in', recent)
    .where(sql<SqlBool>`m.content ilike ${pattern}`)
    .orderBy('m.created_at', 'desc')
    .limit(limit)
    .execute();
  const ids = rows.map(({ message_id }) => message_id);
  return loadTurns(database, ids, scope.filter);
}
