import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/*
 * `memory_terms` counts, for each project, the messages that hold a term. Triggers keep it, so that
 * it is exact whoever inserts or deletes (a capture, the replay of a journal, a restore), and never
 * counts twice what a replay finds present. Two rows whose terms no text can have hold totals:
 * `#messages` and `#length`. Writers take turns (the advisory lock): each changes many of these
 * rows, and two at once could wait for each other. Rows are rewritten in place often, hence the
 * free space in their pages. No planner statistics on terms: they would outlive deleted text.
 */
const statements = [
  `create table memory_index (
    message_id text collate "C" not null,
    session_id text collate "C" not null,
    project_id text collate "C" not null,
    position integer not null,
    said_at timestamptz not null,
    length integer not null,
    asks boolean not null,
    tokeniser integer not null,
    tokens tsvector not null,
    constraint memory_index_pkey primary key (message_id)
  )`,
  'create index memory_index_tokens on memory_index using gin (tokens) with (gin_pending_list_limit = 1024)',
  'create index memory_index_said_at on memory_index (project_id, said_at)',
  'alter table memory_index alter column tokens set statistics 0',

  `create table memory_terms (
    term text collate "C" not null,
    project_id text collate "C" not null,
    messages bigint not null,
    constraint memory_terms_pkey primary key (term, project_id)
  ) with (fillfactor = 70)`,
  'alter table memory_terms alter column term set statistics 0',

  `create function memory_index_count() returns trigger language plpgsql as $$
  begin
    perform pg_advisory_xact_lock(7426113);
    if tg_op = 'INSERT' then
      insert into memory_terms (term, project_id, messages)
      select term, project_id, count from (
        select t.term, r.project_id, count(*) as count
        from changed r cross join lateral unnest(tsvector_to_array(r.tokens)) as t(term)
        where left(t.term, 1) <> '@' and right(t.term, 1) <> '\u00B2' group by t.term, r.project_id
        union all select '#messages', project_id, count(*) from changed group by project_id
        union all select '#length', project_id, sum(length) from changed group by project_id
      ) as counted order by term, project_id
      on conflict (term, project_id) do update
        set messages = memory_terms.messages + excluded.messages;
    else
      update memory_terms m set messages = m.messages - counted.count from (
        select t.term, r.project_id, count(*) as count
        from changed r cross join lateral unnest(tsvector_to_array(r.tokens)) as t(term)
        where left(t.term, 1) <> '@' and right(t.term, 1) <> '\u00B2' group by t.term, r.project_id
        union all select '#messages', project_id, count(*) from changed group by project_id
        union all select '#length', project_id, sum(length) from changed group by project_id
      ) as counted
      where m.term = counted.term and m.project_id = counted.project_id;
      delete from memory_terms m using (
        select distinct t.term, r.project_id
        from changed r cross join lateral unnest(tsvector_to_array(r.tokens)) as t(term)
      ) as touched
      where m.term = touched.term and m.project_id = touched.project_id and m.messages <= 0;
    end if;
    return null;
  end $$`,
  `create function memory_index_forget() returns trigger language plpgsql as $$
  begin
    truncate memory_terms;
    return null;
  end $$`,
  `create trigger memory_index_inserted after insert on memory_index
    referencing new table as changed for each statement execute function memory_index_count()`,
  `create trigger memory_index_deleted after delete on memory_index
    referencing old table as changed for each statement execute function memory_index_count()`,
  `create trigger memory_index_truncated after truncate on memory_index
    for each statement execute function memory_index_forget()`,

  'alter table conversation_messages drop column search',
];

/** The index of the memory: the terms of each message, and how often each term is used. */
export const memoryIndex: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
