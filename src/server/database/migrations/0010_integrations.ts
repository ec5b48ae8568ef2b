import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/*
 * The systems around a person's work: which they are and how they have answered, events that go out
 * to them (an outbox) and come in, the audit log of what was let out, and other Turnkeeps.
 */
const statements = [
  `create table integrations (
    integration_id text collate "C" not null,
    name text not null,
    kind text not null,
    base_url text not null,
    key_ref text,
    settings json not null,
    policy json not null,
    enabled boolean not null,
    state json not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint integrations_pkey primary key (integration_id)
  )`,
  `create table integration_measures (
    measure_id text collate "C" not null,
    integration_id text collate "C" not null,
    starts_at timestamptz not null,
    requests integer not null,
    errors integer not null,
    sums json not null,
    constraint integration_measures_pkey primary key (measure_id)
  )`,
  'create index integration_measures_time on integration_measures (integration_id, starts_at)',
  `create table webhook_endpoints (
    endpoint_id text collate "C" not null,
    integration_id text collate "C",
    name text not null,
    url text not null,
    event_types json not null,
    settings json not null,
    secrets json not null,
    enabled boolean not null,
    failing_since timestamptz,
    disabled_reason text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint webhook_endpoints_pkey primary key (endpoint_id)
  )`,
  `create table webhook_events (
    event_id text collate "C" not null,
    event_type text not null,
    at timestamptz not null,
    project_id text collate "C",
    session_id text collate "C",
    data json not null,
    constraint webhook_events_pkey primary key (event_id)
  )`,
  'create index webhook_events_at on webhook_events (at)',
  `create table webhook_deliveries (
    delivery_id text collate "C" not null,
    endpoint_id text collate "C" not null,
    event_id text collate "C" not null,
    status text not null,
    attempts integer not null,
    next_at timestamptz,
    claimed_by text,
    claimed_until timestamptz,
    last_attempt json,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint webhook_deliveries_pkey primary key (delivery_id)
  )`,
  `create index webhook_deliveries_due on webhook_deliveries (next_at)
    where status = 'pending'`,
  'create index webhook_deliveries_endpoint on webhook_deliveries (endpoint_id, created_at)',
  `create table webhook_receivers (
    receiver_id text collate "C" not null,
    name text not null,
    secrets json not null,
    settings json not null,
    enabled boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint webhook_receivers_pkey primary key (receiver_id)
  )`,
  `create table webhook_received (
    received_id text collate "C" not null,
    receiver_id text collate "C" not null,
    at timestamptz not null,
    data json not null,
    constraint webhook_received_pkey primary key (received_id)
  )`,
  'create index webhook_received_at on webhook_received (receiver_id, at)',
  `create table audit_log (
    entry_id text collate "C" not null,
    at timestamptz not null,
    actor text not null,
    subject text not null,
    decision text not null,
    detail text not null,
    previous text not null,
    hash text not null,
    constraint audit_log_pkey primary key (entry_id)
  )`,
  'create index audit_log_subject on audit_log (subject, at)',
  `create table sync_peers (
    peer_id text collate "C" not null,
    url text not null,
    key_ref text not null,
    settings json not null,
    state json not null,
    enabled boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint sync_peers_pkey primary key (peer_id)
  )`,
];

/** Integrations, webhooks, audit log, other Turnkeeps. */
export const integrations: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
