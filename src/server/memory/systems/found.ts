import type { EmbeddingUse, MemoryItem, MemoryRole } from '../../../contracts/memory.ts';
import type { Database } from '../../database/database.ts';
import type { MemoryEmbeddings } from '../embeddings/embeddings.ts';
import type { Scope } from '../index/reader.ts';
import type { Found } from '../items.ts';
import { wordTable } from '../meaning/wordTable.ts';
import { search } from '../search/search.ts';
import { candidates, orderFor } from './roles.ts';

export type FoundAsked = {
  query: string;
  role: MemoryRole;
  now: number;
  explain: boolean;
  embeddings?: MemoryEmbeddings | undefined;
  signal?: AbortSignal | undefined;
};

/** The stored messages that answer a question, in the order of who asks. */
export async function foundMessages(
  database: Database,
  scope: Scope,
  asked: FoundAsked,
  limit: number,
): Promise<Found & { embedding?: EmbeddingUse }> {
  const { query, role, now, explain, embeddings, signal } = asked;
  const { similar } = await wordTable();
  const found = await search(database, query, scope, {
    limit: candidates(role, limit),
    explain,
    now,
    similar,
    embeddings,
    signal,
  });
  const planning =
    role === 'planner' ? await planningMessages(database, found.items) : new Set<string>();
  const ordered = orderFor(role, found.items, planning);
  const items = ordered.slice(0, limit);
  // Of turns that are left out nothing is told; what is left out of a turn that is told, is.
  const told = new Map(items.map((item) => [item.turn_id, item]));
  const rest = [...found.other_halves, ...ordered.slice(limit)];
  const other_halves = rest.filter(({ turn_id, role: by }) => {
    const item = told.get(turn_id);
    return item !== undefined && item.role !== by;
  });
  const { embedding } = found;
  return { items, other_halves, ...(embedding && explain ? { embedding } : {}) };
}

async function planningMessages(database: Database, items: MemoryItem[]): Promise<Set<string>> {
  if (items.length === 0) return new Set();
  const rows = await database.read
    .selectFrom('memory_insights')
    .select('message_id')
    .distinct()
    .where(
      'message_id',
      'in',
      items.map((item) => item.message_id),
    )
    .where('kind', 'in', ['decision', 'goal', 'next_action', 'open_question'])
    .execute();
  return new Set(rows.map((row) => row.message_id));
}
