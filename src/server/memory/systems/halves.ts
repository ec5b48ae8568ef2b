import { sql } from 'kysely';
import type { MemoryFilter, MemoryItem } from '../../../contracts/memory.ts';
import type { Database } from '../../database/database.ts';
import { filterConditions } from '../index/reader.ts';
import { itemOf, type Stored } from '../items.ts';

/**
 * The other half of each item's turn, where it is not an item itself: the question that was
 * answered, or the first answer. What the filter keeps out stays out.
 */
export async function otherHalves(
  database: Database,
  items: MemoryItem[],
  filter: MemoryFilter | undefined,
): Promise<MemoryItem[]> {
  const wanted = new Map<string, MemoryItem['role']>();
  for (const { turn_id, role } of items) wanted.set(turn_id, otherRole(role));
  for (const { turn_id, role } of items) if (wanted.get(turn_id) === role) wanted.delete(turn_id);
  if (wanted.size === 0) return [];
  const conditions = filterConditions(filter);
  const where = conditions.length > 0 ? sql`where ${sql.join(conditions, sql` and `)}` : sql``;
  const found = await sql<Stored>`
    select m.turn_id, m.message_id, m.session_id, m.thread_id, m.content, m.content_exact,
      m.message_type, m.created_at, m.provenance, m.metadata, p.name as project
    from unnest(${[...wanted.keys()]}::text[], ${[...wanted.values()]}::text[]) as w(turn_id, role)
    cross join lateral (
      select * from conversation_messages where turn_id = w.turn_id and message_type = w.role
      order by position limit 1
    ) as m
    cross join lateral (
      select * from conversation_sessions where session_id = m.session_id offset 0
    ) as s
    join projects p on p.project_id = s.project_id ${where}`.execute(database.read);
  const halves = new Map(found.rows.map((row) => [row.turn_id, itemOf(row)]));
  return [...wanted.keys()].flatMap((turn_id) => halves.get(turn_id) ?? []);
}

/** An item with the other half of its turn, as far as it is known. */
export type Turn = { item: MemoryItem; other: MemoryItem | undefined };

/** Items by turns, in their order: a turn whose halves are both items comes once, where the better is. */
export function turnsOf(items: MemoryItem[], halves: MemoryItem[]): Turn[] {
  const told = new Set<string>();
  return items.flatMap((item) => {
    if (told.has(item.message_id)) return [];
    const other = [...items, ...halves].find(
      ({ turn_id, role, message_id }) =>
        turn_id === item.turn_id && role !== item.role && !told.has(message_id),
    );
    told.add(item.message_id);
    if (other) told.add(other.message_id);
    return [{ item, other }];
  });
}

function otherRole(role: MemoryItem['role']): MemoryItem['role'] {
  return role === 'user' ? 'assistant' : 'user';
}
