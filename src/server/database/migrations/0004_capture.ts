import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/*
 * What automatic capture needs to know a turn again: `turn_refs` the names that each route has for
 * it, `turn_tombstones` digests of turns that were deleted (no text), `capture_sources` what was
 * read of which file or store, `capture_events` when each agent's hooks last reported. A project
 * keeps the keys that led to it before in `project_aliases`, and in `folder_id` the identity that
 * the file system gives its folder.
 */
const statements = [
  'alter table projects add column folder_id text',
  'create index projects_folder_id on projects (folder_id) where folder_id is not null',

  `create table project_aliases (
    alias_id text collate "C" not null,
    key text not null,
    project_id text collate "C" not null,
    created_at timestamptz not null,
    constraint project_aliases_pkey primary key (alias_id),
    constraint project_aliases_project_id_fkey
      foreign key (project_id) references projects (project_id)
  )`,
  'create unique index project_aliases_key on project_aliases (md5(key))',
  'create index project_aliases_project_id on project_aliases (project_id)',

  `create index conversation_sessions_external
    on conversation_sessions (external_id) where external_id is not null`,
  `create unique index conversation_sessions_agent
    on conversation_sessions (person, external_id) where source = 'agent'`,

  `create table turn_refs (
    ref_id text collate "C" not null,
    session_id text collate "C" not null,
    turn_id text collate "C" not null,
    provenance text not null,
    ref text not null,
    created_at timestamptz not null,
    constraint turn_refs_pkey primary key (ref_id)
  )`,
  'create index turn_refs_session_id on turn_refs (session_id)',
  'create index turn_refs_turn_id on turn_refs (turn_id)',

  `create table turn_tombstones (
    tombstone_id text collate "C" not null,
    created_at timestamptz not null,
    constraint turn_tombstones_pkey primary key (tombstone_id)
  )`,

  `create table capture_sources (
    source_id text collate "C" not null,
    reader text not null,
    agent text not null,
    path text not null,
    bytes bigint not null,
    modified_at timestamptz not null,
    state json not null,
    read_at timestamptz,
    constraint capture_sources_pkey primary key (source_id)
  )`,

  `create table capture_events (
    event_key text collate "C" not null,
    agent text not null,
    kind text not null,
    count bigint not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    constraint capture_events_pkey primary key (event_key)
  )`,
];

/** Refs, tombstones, sources and events of automatic capture; aliases of projects. */
export const capture: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
