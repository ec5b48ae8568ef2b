import type { MemoryItem, MemoryRole } from '../../../contracts/memory.ts';
import type { Database } from '../../database/database.ts';
import type { Scope } from '../index/reader.ts';
import { wordTable } from '../meaning/wordTable.ts';
import { search } from '../search/search.ts';
import { candidates, orderFor } from './roles.ts';

/** The stored messages that answer a question, in the order of who asks. */
export async function foundMessages(
  database: Database,
  scope: Scope,
  asked: { query: string; role: MemoryRole; now: number; explain: boolean },
  limit: number,
): Promise<MemoryItem[]> {
  const { query, role, now, explain } = asked;
  const { similar } = await wordTable();
  const found = await search(database, query, scope, {
    limit: candidates(role, limit),
    explain,
    now,
    similar,
  });
  const planning = role === 'planner' ? await planningMessages(database, found) : new Set<string>();
  return orderFor(role, found, planning).slice(0, limit);
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
