import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/*
 * Vectors of messages by an embedding model, while one is switched on for the memory. `vector` is
 * base64 of one signed byte a number, as in `memory_vectors`; empty when the message has none. A row
 * without a model is of a message whose text has changed since: its vector is to be made anew.
 */
const statements = [
  `create table memory_embeddings (
    message_id text collate "C" not null,
    session_id text collate "C" not null,
    project_id text collate "C" not null,
    model text collate "C" not null,
    dims integer not null,
    vector text collate "C" not null,
    made_at timestamptz not null,
    constraint memory_embeddings_pkey primary key (message_id)
  )`,
  'create index memory_embeddings_state on memory_embeddings (project_id, made_at)',
  "create index memory_embeddings_changed on memory_embeddings (message_id) where model = ''",
];

/** Vectors of messages. */
export const embeddings: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
