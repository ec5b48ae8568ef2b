import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/*
 * Constraint and index names are written out, so that every engine gives them the same. Ids are
 * compared byte by byte (collate "C"): pages then come in one order wherever they are read. A
 * project key may be longer than a btree entry, hence the index on its digest. Columns that hold
 * people's text have no planner statistics: those would keep samples of text that was deleted.
 */
const statements = [
  `create table projects (
    project_id text collate "C" not null,
    key text not null,
    name text not null,
    root text,
    created_at timestamptz not null,
    constraint projects_pkey primary key (project_id)
  )`,
  'create unique index projects_key on projects (md5(key))',

  `create table conversation_sessions (
    session_id text collate "C" not null,
    project_id text collate "C" not null,
    person text not null,
    origin text not null,
    external_id text,
    source text not null,
    agent text,
    title text,
    status text not null,
    created_at timestamptz not null,
    last_activity_at timestamptz not null,
    last_position integer not null,
    closed_at timestamptz,
    constraint conversation_sessions_pkey primary key (session_id),
    constraint conversation_sessions_project_id_fkey
      foreign key (project_id) references projects (project_id),
    constraint conversation_sessions_status_check check (status in ('open', 'closed'))
  )`,
  `create unique index conversation_sessions_external_id
    on conversation_sessions (project_id, external_id) where external_id is not null`,
  `create unique index conversation_sessions_open
    on conversation_sessions (person, project_id, origin)
    where status = 'open' and external_id is null`,
  `create index conversation_sessions_activity
    on conversation_sessions (project_id, last_activity_at)`,

  `create table atlas_thread (
    thread_id text collate "C" not null,
    session_id text collate "C" not null,
    external_id text,
    created_at timestamptz not null,
    constraint atlas_thread_pkey primary key (thread_id),
    constraint atlas_thread_session_id_fkey
      foreign key (session_id) references conversation_sessions (session_id)
  )`,
  `create unique index atlas_thread_external_id
    on atlas_thread (session_id, external_id) where external_id is not null`,
  'create index atlas_thread_session_id on atlas_thread (session_id)',

  `create table conversation_messages (
    message_id text collate "C" not null,
    session_id text collate "C" not null,
    thread_id text collate "C" not null,
    turn_id text collate "C" not null,
    position integer not null,
    message_type text not null,
    content text not null,
    content_exact text,
    content_hash text not null,
    created_at timestamptz not null,
    dated boolean not null,
    answered boolean not null,
    model text,
    provenance text not null,
    event_id text,
    metadata json not null default '{}',
    search tsvector generated always as
      (to_tsvector('english'::regconfig, left(content, 100000))) stored,
    constraint conversation_messages_pkey primary key (message_id),
    constraint conversation_messages_session_id_fkey
      foreign key (session_id) references conversation_sessions (session_id),
    constraint conversation_messages_thread_id_fkey
      foreign key (thread_id) references atlas_thread (thread_id),
    constraint conversation_messages_position_key unique (session_id, position),
    constraint conversation_messages_position_check check (position >= 1),
    constraint conversation_messages_message_type_check
      check (message_type in ('user', 'assistant')),
    constraint conversation_messages_metadata_check check (json_typeof(metadata) = 'object')
  )`,
  `create unique index conversation_messages_event_id
    on conversation_messages (event_id) where event_id is not null`,
  'create index conversation_messages_turn_id on conversation_messages (turn_id)',
  'create index conversation_messages_thread_id on conversation_messages (thread_id)',
  'create index conversation_messages_created_at on conversation_messages (created_at)',
  `create index conversation_messages_content_hash
    on conversation_messages (session_id, content_hash)`,
  `create index conversation_messages_model
    on conversation_messages (model, created_at) where model is not null`,
  `create index conversation_messages_unanswered
    on conversation_messages (session_id, position)
    where message_type = 'user' and not answered`,
  'create index conversation_messages_search on conversation_messages using gin (search)',

  'alter table conversation_sessions alter column title set statistics 0',
  `alter table conversation_messages
    alter column content set statistics 0,
    alter column content_exact set statistics 0,
    alter column metadata set statistics 0,
    alter column search set statistics 0`,
];

/** Projects, sessions, threads and messages, with full-text search. */
export const conversations: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
