import { sql } from 'kysely';
import type { MemoryFilter, MemoryItem } from '../../contracts/memory.ts';
import type { Database } from '../database/database.ts';
import { originalContent } from '../database/text.ts';
import { filterConditions, type Scope } from './index/reader.ts';

/** Stored messages with their place: `m` is the message, `s` its session, `p` its project. */
export function storedItems(database: Database) {
  return database.read
    .selectFrom('conversation_messages as m')
    .innerJoin('conversation_sessions as s', 's.session_id', 'm.session_id')
    .innerJoin('projects as p', 'p.project_id', 's.project_id')
    .select(['m.turn_id', 'm.message_id', 'm.session_id', 'm.thread_id', 'm.content'])
    .select(['m.content_exact', 'm.message_type', 'm.created_at', 'm.provenance', 'm.metadata'])
    .select('p.name as project');
}

/** A stored message as it is read. */
export type Stored = Awaited<ReturnType<ReturnType<typeof storedItems>['execute']>>[number];

/** A stored message as an item without a score. */
export function itemOf({ content_exact, message_type, ...row }: Stored): MemoryItem {
  const content = originalContent({ content: row.content, content_exact });
  return { ...row, role: message_type, content, score: 0 };
}

/** The messages with these ids, in their order; those that are not stored any more are left out. */
export async function loadItems(database: Database, ids: string[]): Promise<MemoryItem[]> {
  if (ids.length === 0) return [];
  const rows = await storedItems(database)
    .where('m.message_id', '=', sql<string>`any(${ids}::text[])`)
    .execute();
  const items = new Map(rows.map((row) => [row.message_id, itemOf(row)]));
  return ids.flatMap((id) => items.get(id) ?? []);
}

/** Items, and the other half of each one's turn where it is not an item itself. */
export type Found = { items: MemoryItem[]; other_halves: MemoryItem[] };

/**
 * As `loadItems`, with what each answers or is first answered by, as far as the filter lets it
 * through.
 */
export async function loadTurns(
  database: Database,
  ids: string[],
  filter: MemoryFilter | undefined,
): Promise<Found> {
  if (ids.length === 0) return { items: [], other_halves: [] };
  const conditions = filterConditions(filter);
  const where = conditions.length > 0 ? sql`where ${sql.join(conditions, sql` and `)}` : sql``;
  const found = await sql<Stored>`
    select m.turn_id, m.message_id, m.session_id, m.thread_id, m.content, m.content_exact,
      m.message_type, m.created_at, m.provenance, m.metadata, p.name as project
    from unnest(${ids}::text[]) as f(message_id)
    cross join lateral (
      select * from conversation_messages where message_id = f.message_id offset 0
    ) as own
    cross join lateral (
      select own.* union all (
        select o.* from conversation_messages o
        where o.turn_id = own.turn_id and o.message_type <> own.message_type
        order by o.position limit 1)
    ) as m
    cross join lateral (
      select * from conversation_sessions where session_id = m.session_id offset 0
    ) as s
    join projects p on p.project_id = s.project_id ${where}`.execute(database.read);
  const loaded = new Map(found.rows.map((row) => [row.message_id, row]));
  const items = ids.flatMap((id) => loaded.get(id) ?? []).map(itemOf);
  for (const id of ids) loaded.delete(id);
  return { items, other_halves: [...loaded.values()].map(itemOf) };
}

/** The latest messages of a project (or of all), newest first. */
export async function recentItems(
  database: Database,
  scope: Scope,
  limit: number,
): Promise<MemoryItem[]> {
  let query = storedItems(database)
    .orderBy('m.created_at', 'desc')
    .orderBy('m.position', 'desc')
    .limit(limit);
  if (scope.projectId) query = query.where('s.project_id', '=', scope.projectId);
  for (const condition of filterConditions(scope.filter)) query = query.where(condition);
  return byOrder((await query.execute()).map(itemOf));
}

/** Items whose order is what ranks them: 1, 1/2, 1/3 and so on. */
export function byOrder(items: MemoryItem[]): MemoryItem[] {
  return items.map((item, index) => ({ ...item, score: rounded(1 / (index + 1)) }));
}

export function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
