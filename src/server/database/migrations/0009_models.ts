import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/*
 * The models in use: the registry, what each call took (raw for a while, folded into roll-ups for
 * ever), thresholds, and what calls have cost. Amounts of money are numeric, in US dollars.
 */
const statements = [
  `create table model_connections (
    connection_id text collate "C" not null,
    kind text not null,
    base_url text,
    key_ref text,
    enabled boolean not null,
    settings json not null,
    state json not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint model_connections_pkey primary key (connection_id)
  )`,
  `create table models (
    model_id text collate "C" not null,
    model_name text collate "C" not null,
    model_type text not null,
    provider text collate "C" not null,
    version text collate "C" not null,
    parameters json not null,
    performance_metrics json not null,
    metadata json not null,
    tags json not null,
    source text not null,
    connection_id text collate "C",
    replaces text collate "C",
    is_active boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint models_pkey primary key (model_id)
  )`,
  'create index models_name on models (provider, model_name, version)',
  'create index models_by_name on models (model_name, created_at)',
  `create table model_aliases (
    alias text collate "C" not null,
    model_id text collate "C" not null,
    updated_at timestamptz not null,
    constraint model_aliases_pkey primary key (alias)
  )`,
  `create table model_events (
    event_id text collate "C" not null,
    model_id text collate "C" not null,
    kind text not null,
    at timestamptz not null,
    detail json not null,
    constraint model_events_pkey primary key (event_id)
  )`,
  'create index model_events_model on model_events (model_id, at)',
  `create table model_calls (
    call_id text collate "C" not null,
    model_id text collate "C" not null,
    at timestamptz not null,
    origin text not null,
    operation text not null,
    duration_ms integer,
    first_token_ms integer,
    input_tokens integer,
    output_tokens integer,
    cost numeric,
    error_kind text,
    constraint model_calls_pkey primary key (call_id)
  )`,
  'create index model_calls_at on model_calls (at)',
  `create table model_rollups (
    rollup_id text collate "C" not null,
    model_id text collate "C" not null,
    origin text not null,
    grain text not null,
    starts_at timestamptz not null,
    calls integer not null,
    errors integer not null,
    input_tokens bigint not null,
    output_tokens bigint not null,
    cost numeric not null,
    sums json not null,
    constraint model_rollups_pkey primary key (rollup_id)
  )`,
  'create index model_rollups_model on model_rollups (model_id, grain, starts_at)',
  'create index model_rollups_time on model_rollups (grain, starts_at)',
  `create table model_thresholds (
    threshold_id text collate "C" not null,
    model_id text collate "C",
    metric text not null,
    direction text not null,
    threshold double precision not null,
    window_seconds integer not null,
    min_samples integer not null,
    violated_since timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint model_thresholds_pkey primary key (threshold_id)
  )`,
  `create table ai_settings (
    setting text collate "C" not null,
    value json not null,
    updated_at timestamptz not null,
    constraint ai_settings_pkey primary key (setting)
  )`,
  `create table ai_spending (
    spending_id text collate "C" not null,
    day text collate "C" not null,
    amount numeric not null,
    settled boolean not null,
    at timestamptz not null,
    constraint ai_spending_pkey primary key (spending_id)
  )`,
  'create index ai_spending_day on ai_spending (day)',
];

/** Models: registry, calls, thresholds, spending. */
export const models: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
