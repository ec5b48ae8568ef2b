import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/* What programs keep under a key for a session or, without one, for a project. */
const statements = [
  `create table context_entries (
    entry_id text collate "C" not null,
    project_id text collate "C",
    session_id text collate "C",
    key text collate "C" not null,
    value json not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    expires_at timestamptz,
    constraint context_entries_pkey primary key (entry_id),
    constraint context_entries_scope check ((project_id is null) <> (session_id is null))
  )`,
  `create unique index context_entries_project
    on context_entries (project_id, key) where session_id is null`,
  `create unique index context_entries_session
    on context_entries (session_id, key) where session_id is not null`,
  `create index context_entries_expires
    on context_entries (expires_at) where expires_at is not null`,
];

/** The keyed context. */
export const platform: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
