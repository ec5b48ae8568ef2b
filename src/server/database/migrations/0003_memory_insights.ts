import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/*
 * What was read from messages by rules, and the messages that people have pinned. Both go with
 * their message, in the same write. `memory_index.rules` is the version of the rules that have read
 * a message: 0 for rows of before, which the upkeep reads anew. No planner statistics on text: they
 * would outlive deleted text.
 */
const statements = [
  'alter table memory_index add column rules integer not null default 0',

  `create table memory_insights (
    insight_id text collate "C" not null,
    message_id text collate "C" not null,
    session_id text collate "C" not null,
    project_id text collate "C" not null,
    kind text not null,
    text text not null,
    said_at timestamptz not null,
    constraint memory_insights_pkey primary key (insight_id)
  )`,
  'create index memory_insights_message_id on memory_insights (message_id)',
  'create index memory_insights_said_at on memory_insights (project_id, kind, said_at)',
  'alter table memory_insights alter column text set statistics 0',

  `create table memory_pins (
    pin_id text collate "C" not null,
    person text not null,
    message_id text collate "C" not null,
    session_id text collate "C" not null,
    pinned_until timestamptz not null,
    constraint memory_pins_pkey primary key (pin_id)
  )`,
  'create index memory_pins_message_id on memory_pins (message_id)',
  'create index memory_pins_person on memory_pins (person, pinned_until)',
];

/** Insights of the memory, and pins of the hot context. */
export const memoryInsights: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
