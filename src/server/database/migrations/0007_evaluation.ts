import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/* Evaluations that ran or run, with what they measured. */
const statements = [
  `create table evaluation_runs (
    job_id text collate "C" not null,
    project_id text collate "C" not null,
    kind text not null,
    script text collate "C",
    config_file text collate "C",
    status text not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    timeout_sec integer not null,
    exit_code integer,
    error text,
    metrics json not null,
    comparison json,
    is_baseline boolean not null,
    output text not null,
    runner text not null,
    process text,
    constraint evaluation_runs_pkey primary key (job_id)
  )`,
  'create index evaluation_runs_project on evaluation_runs (project_id, started_at)',
  `create index evaluation_runs_running on evaluation_runs (runner) where status = 'running'`,
];

/** The history of evaluations. */
export const evaluation: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
