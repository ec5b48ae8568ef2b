import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/*
 * The index of the memory, inverted: for each term of a project the places that hold it, so that a
 * question reads a few rows and not a row for each message that it touches.
 *
 * A place is 16 bytes: key of the session (8), position (4), day from 2020-01-01 on (2), and in 2
 * the length of the message (times 4), whether it asks (2) and holds the term often (1). New ones go
 * to the `tail` of the term's row in `memory_terms`; a full tail becomes a row of `memory_postings`.
 * Terms, projects and sessions are there by a 53-bit hash (`memory_key`, a safe integer in
 * JavaScript): small keys, no words. Triggers keep all of it exact, whoever inserts, changes or
 * deletes rows of `memory_index`: a capture, the replay of a journal, a restore. Writers take turns
 * (the advisory lock): each changes many of these rows, and two at once could wait for each other.
 * Rows are rewritten in place often, hence the free space in their pages.
 */
const TAIL_BYTES = 1024;

/** Terms and places of the rows of a transition table: one row for each term of a message. */
const held = (rows: string) => `
  select memory_key(rtrim(t.term, '\u00B2')) as term, r.project, r.day,
    case when right(t.term, 1) = '\u00B2' then r.often else r.once end as place
  from (
    select memory_key(project_id) as project, memory_day(said_at) as day,
      tsvector_to_array(tokens) as terms,
      memory_place(session_id, position, said_at, length, asks, false) as once,
      memory_place(session_id, position, said_at, length, asks, true) as often
    from ${rows} offset 0
  ) r cross join lateral unnest(r.terms) as t(term)`;

/** How many messages, and how many terms in them, each project has. */
const totals = (rows: string) => `
  select memory_key('#messages') as term, memory_key(project_id) as project, count(*) as count
  from ${rows} group by project_id
  union all
  select memory_key('#length'), memory_key(project_id), sum(length) from ${rows} group by project_id`;

const add = `
  for full_tail in
    with written as (
      insert into memory_terms as m (term, project, messages, tail_from, tail_to, tail)
      select * from (
        select term, project, count(*) as count, min(day), max(day), string_agg(place, ''::bytea)
        from (${held('added')}) as h group by term, project
        union all
        select term, project, count, null, null, ''::bytea from (${totals('added')}) as t
      ) as counted order by 1, 2
      on conflict (term, project) do update set
        messages = m.messages + excluded.messages,
        tail_from = least(m.tail_from, excluded.tail_from),
        tail_to = greatest(m.tail_to, excluded.tail_to),
        tail = m.tail || excluded.tail
      returning term, project, octet_length(tail) >= ${TAIL_BYTES} as is_full
    )
    select term, project from written where is_full
  loop
    insert into memory_postings (term, project, chunk, from_day, to_day, places)
    select term, project, chunks + 1, tail_from, tail_to, tail from memory_terms
    where term = full_tail.term and project = full_tail.project;
    update memory_terms set chunks = chunks + 1, tail_from = null, tail_to = null, tail = ''
    where term = full_tail.term and project = full_tail.project;
  end loop;`;

const remove = `
  with gone as materialized (
    select term, project, count(*) as count, min(day) as first, max(day) as last,
      array_agg(place) as places
    from (${held('removed')}) as h group by term, project
  ), chunks as (
    update memory_postings p set places = k.places
    from gone g, lateral memory_postings_without(g.term, g.project, g.first, g.last, g.places) as k
    where p.term = g.term and p.project = g.project and p.chunk = k.chunk
  )
  update memory_terms m set messages = m.messages - c.count, tail = c.tail from (
    select g.term, g.project, g.count, memory_without(t.tail, g.places) as tail
    from gone g join memory_terms t on t.term = g.term and t.project = g.project
    union all
    select term, project, count, ''::bytea from (${totals('removed')}) as t
  ) as c
  where m.term = c.term and m.project = c.project;
  delete from memory_postings p using (
    select distinct term, project from (${held('removed')}) as h
  ) as touched
  where p.term = touched.term and p.project = touched.project and octet_length(p.places) = 0;
  delete from memory_terms m using (
    select distinct term, project from (${held('removed')}) as h
    union all select term, project from (${totals('removed')}) as t
  ) as touched
  where m.term = touched.term and m.project = touched.project and m.messages <= 0;`;

const trigger = (name: string, declare: string, body: string) => `
  create function ${name}() returns trigger language plpgsql as $$
  ${declare}
  begin
    perform pg_advisory_xact_lock(7426113);
    ${body}
    return null;
  end $$`;

const statements = [
  'truncate memory_index',
  'drop trigger memory_index_inserted on memory_index',
  'drop trigger memory_index_deleted on memory_index',
  'drop trigger memory_index_truncated on memory_index',
  'drop function memory_index_count()',
  'drop function memory_index_forget()',
  'drop table memory_terms',
  'drop index memory_index_tokens',

  `create function memory_key(text) returns bigint language sql immutable strict parallel safe
    as $$ select hashtextextended($1, 0) & 9007199254740991 $$`,
  `create function memory_day(timestamptz) returns smallint language sql immutable strict parallel safe
    as $$ select greatest(-32768, least(32767, floor(extract(epoch from $1) / 86400) - 18262))::smallint $$`,
  `create function memory_place(session text, place integer, said timestamptz, length integer, asks boolean, often boolean)
    returns bytea language sql immutable parallel safe as $$
      select int8send(memory_key(session)) || int4send(place) || int2send(memory_day(said))
        || int2send((least(length, 8000) * 4 + asks::int * 2 + often::int)::smallint) $$`,
  `create function memory_without(places bytea, gone bytea[]) returns bytea
    language sql immutable parallel safe as $$
      select coalesce(string_agg(substring(places from n * 16 + 1 for 16), ''::bytea order by n), ''::bytea)
      from generate_series(0, octet_length(places) / 16 - 1) as n
      where substring(places from n * 16 + 1 for 16) not in (select unnest(gone)) $$`,

  `create table memory_terms (
    term bigint not null,
    project bigint not null,
    messages bigint not null,
    chunks integer not null default 0,
    tail_from smallint,
    tail_to smallint,
    tail bytea not null,
    constraint memory_terms_pkey primary key (term, project)
  ) with (fillfactor = 50)`,
  `create table memory_postings (
    term bigint not null,
    project bigint not null,
    chunk integer not null,
    from_day smallint not null,
    to_day smallint not null,
    places bytea not null,
    constraint memory_postings_pkey primary key (term, project, chunk) include (from_day, to_day)
  )`,
  'alter table memory_terms alter column tail set storage external',
  'alter table memory_postings alter column places set storage external',
  'create index conversation_sessions_key on conversation_sessions (memory_key(session_id))',

  `create function memory_postings_without(wanted bigint, owner bigint, first smallint, last smallint, gone bytea[])
    returns table (chunk integer, places bytea) language sql stable as $$
      select p.chunk, k.places from memory_postings p
      cross join lateral (select memory_without(p.places, gone) as places) as k
      where p.term = wanted and p.project = owner and p.from_day <= last and p.to_day >= first
        and octet_length(k.places) < octet_length(p.places) $$`,

  trigger('memory_index_add', 'declare full_tail record;', add),
  trigger('memory_index_remove', '', remove),
  trigger('memory_index_change', 'declare full_tail record;', `${remove}${add}`),
  trigger('memory_index_forget', '', 'truncate memory_terms, memory_postings;'),
  `create trigger memory_index_inserted after insert on memory_index
    referencing new table as added for each statement execute function memory_index_add()`,
  `create trigger memory_index_deleted after delete on memory_index
    referencing old table as removed for each statement execute function memory_index_remove()`,
  `create trigger memory_index_updated after update on memory_index
    referencing old table as removed new table as added
    for each statement execute function memory_index_change()`,
  `create trigger memory_index_truncated after truncate on memory_index
    for each statement execute function memory_index_forget()`,
];

/** Posting lists by term, instead of an index over the messages' terms. */
export const memoryPostings: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
