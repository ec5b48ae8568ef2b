import { type SqlBool, sql } from 'kysely';
import type { MemoryItem, MemoryParts, RankedParts } from '../../../contracts/memory.ts';
import type { Database } from '../../database/database.ts';
import { filterConditions, type Scope, SqlIndexReader } from '../index/reader.ts';
import { itemOf, loadItems, rounded, storedItems } from '../items.ts';
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
};

/**
 * The stored messages that answer a question, best first. A question without a word that could be
 * looked for (only stop words, a lone sign) is looked for as it stands.
 */
export async function search(
  database: Database,
  query: string,
  scope: Scope,
  options: SearchOptions,
): Promise<MemoryItem[]> {
  const question = readQuestion(query, options.now);
  const ranked = await rank(new SqlIndexReader(database, scope), question, {
    weights,
    similar: options.similar,
  });
  const found = ranked.slice(0, options.limit);
  if (found.length === 0) return literally(database, query, scope, options.limit);
  const items = new Map(
    (
      await loadItems(
        database,
        found.map(({ id }) => id),
      )
    ).map((item) => [item.message_id, item]),
  );
  return found.flatMap(({ id, score, parts }) => {
    const item = items.get(id);
    if (!item) return [];
    return [
      { ...item, score: rounded(score), ...(options.explain ? { parts: round(parts) } : {}) },
    ];
  });
}

function round(parts: RankedParts): MemoryParts {
  const entries = Object.entries(parts).map(([name, value]) => [name, rounded(value)]);
  return { ...(Object.fromEntries(entries) as RankedParts), role: 0 };
}

/** A literal search reads every message: only so many of the latest, so that it always ends soon. */
const LITERAL_MESSAGES = 20_000;

async function literally(
  database: Database,
  query: string,
  scope: Scope,
  limit: number,
): Promise<MemoryItem[]> {
  // NUL and half characters cannot be sent to PostgreSQL, and no stored text can match them.
  const text = query.replaceAll('\0', ' ').toWellFormed().trim();
  if (text === '' || text.length > 200) return [];
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  let recent = database.read
    .selectFrom('conversation_messages as m')
    .innerJoin('conversation_sessions as s', 's.session_id', 'm.session_id')
    .select('m.message_id')
    .orderBy('m.created_at', 'desc')
    .limit(LITERAL_MESSAGES);
  if (scope.projectId) recent = recent.where('s.project_id', '=', scope.projectId);
  for (const condition of filterConditions(scope.filter)) recent = recent.where(condition);
  const rows = await storedItems(database)
    .where('m.message_id', 'in', recent)
    .where(sql<SqlBool>`m.content ilike ${pattern}`)
    .orderBy('m.created_at', 'desc')
    .limit(limit)
    .execute();
  return rows.map(itemOf);
}
