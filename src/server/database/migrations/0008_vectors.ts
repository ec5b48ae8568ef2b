import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/*
 * Vectors that programs keep by a key. `vector` is base64 of one signed byte a number: rows are
 * written to the journal and to backups as JSON.
 */
const statements = [
  `create table memory_vectors (
    row_id text collate "C" not null,
    project_id text collate "C" not null,
    namespace text collate "C" not null,
    id text collate "C" not null,
    dims integer not null,
    model text,
    vector text collate "C" not null,
    content text,
    metadata json not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint memory_vectors_pkey primary key (row_id)
  )`,
  'create unique index memory_vectors_id on memory_vectors (project_id, namespace, id)',
  'create index memory_vectors_state on memory_vectors (project_id, namespace, updated_at)',
];

/** Keyed vectors. */
export const vectors: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
