import { sql } from 'kysely';
import type { Database } from '../../src/server/database/database.ts';

type Kept = { term: number; project: number; messages: number; places: string[] | null };

/** What the triggers keep of each term, and the same made anew from the rows: they must be equal. */
export async function indexOf(database: Database): Promise<{ kept: Kept[]; counted: Kept[] }> {
  const kept = await sql<Kept>`
    select t.term, t.project, t.messages::int as messages,
      (select array_agg(substring(p.places from n * 16 + 1 for 16)::text)
        from (select t.tail as places union all
          select places from memory_postings c where c.term = t.term and c.project = t.project) p,
        generate_series(0, octet_length(p.places) / 16 - 1) n) as places
    from memory_terms t order by 1, 2`.execute(database.read);
  const counted = await sql<Kept>`
    select memory_key(rtrim(t.term, '\u00B2')) as term, memory_key(i.project_id) as project,
      count(*)::int as messages,
      array_agg(memory_place(session_id, position, said_at, length, asks,
        right(t.term, 1) = '\u00B2')::text) as places
    from memory_index i, lateral unnest(tsvector_to_array(tokens)) as t(term) group by 1, 2
    union all select memory_key('#messages'), memory_key(project_id), count(*)::int, null
      from memory_index group by project_id
    union all select memory_key('#length'), memory_key(project_id), sum(length)::int, null
      from memory_index group by project_id
    order by 1, 2`.execute(database.read);
  for (const { places } of [...kept.rows, ...counted.rows]) places?.sort();
  return { kept: kept.rows, counted: counted.rows };
}

/** Rows of the memory whose message is not stored any more. */
export async function orphans(database: Database): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from (
      select message_id from memory_index union all select message_id from memory_insights
      union all select message_id from memory_pins
      union all select message_id from memory_embeddings
    ) as r where message_id not in (select message_id from conversation_messages)`.execute(
    database.read,
  );
  return rows[0]?.count ?? 0;
}

/** Rows as another version of the tokeniser left them: other terms, some missing. */
export async function makeOld(database: Database): Promise<void> {
  await sql`update memory_index set tokeniser = 0,
    tokens = (tokens::text || ' ''old''')::tsvector`.execute(database.read);
  await sql`delete from memory_index where position % 5 = 0`.execute(database.read);
}
