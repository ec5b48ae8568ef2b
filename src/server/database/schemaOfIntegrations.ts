import type { ColumnType } from 'kysely';

/* The tables of connected systems, webhooks and the audit log. */

/** A system that the person has connected. */
export interface IntegrationsTable {
  /** The name that the person gave it: `issues`, `ci`. */
  integration_id: string;
  name: string;
  /** The template that it was made from: `http`, `n8n`, `github`, … */
  kind: string;
  base_url: string;
  /** Where the key is, never the key: `env:NAME` or `secret:NAME`. */
  key_ref: string | null;
  settings: ColumnType<Record<string, unknown>, string, string>;
  /** What may leave, and how. */
  policy: ColumnType<Record<string, unknown>, string, string>;
  enabled: boolean;
  /** What was last found out: health, last error. */
  state: ColumnType<Record<string, unknown>, string, string>;
  created_at: string;
  updated_at: string;
}

/** The calls of an integration in an hour. */
export interface IntegrationMeasuresTable {
  /** Integration and hour. */
  measure_id: string;
  integration_id: string;
  starts_at: string;
  requests: number;
  errors: number;
  /** Histogram of the times, kinds of error. */
  sums: ColumnType<Record<string, unknown>, string, string>;
}

/** An address that events are sent to. */
export interface WebhookEndpointsTable {
  endpoint_id: string;
  integration_id: string | null;
  name: string;
  url: string;
  event_types: ColumnType<string[], string, string>;
  /** Filters, fields, order, rate. */
  settings: ColumnType<Record<string, unknown>, string, string>;
  /** What signs, newest first; the one before while both are good. */
  secrets: ColumnType<
    { secret: string; created_at: string; ends_at: string | null }[],
    string,
    string
  >;
  enabled: boolean;
  failing_since: string | null;
  disabled_reason: string | null;
  created_at: string;
  updated_at: string;
}

/** Something that happened, for those who want to be told. It holds ids and figures, no text. */
export interface WebhookEventsTable {
  /** `webhook-id`: the same at every attempt. */
  event_id: string;
  event_type: string;
  at: string;
  project_id: string | null;
  session_id: string | null;
  data: ColumnType<Record<string, unknown>, string, string>;
}

/** One event for one endpoint. */
export interface WebhookDeliveriesTable {
  /** Endpoint and event, so that it is there once. */
  delivery_id: string;
  endpoint_id: string;
  event_id: string;
  status: 'pending' | 'delivered' | 'failed';
  attempts: number;
  next_at: string | null;
  /** The server that is sending it, until `claimed_until`. */
  claimed_by: string | null;
  claimed_until: string | null;
  last_attempt: ColumnType<Record<string, unknown> | null, string, string>;
  created_at: string;
  updated_at: string;
}

/** An address of ours that signed events come in at. */
export interface WebhookReceiversTable {
  receiver_id: string;
  name: string;
  secrets: ColumnType<
    { secret: string; created_at: string; ends_at: string | null }[],
    string,
    string
  >;
  settings: ColumnType<Record<string, unknown>, string, string>;
  enabled: boolean;
  created_at: string;
  updated_at: string;
}

/** An event that came in; its id keeps it from coming in twice. */
export interface WebhookReceivedTable {
  received_id: string;
  receiver_id: string;
  at: string;
  data: ColumnType<Record<string, unknown>, string, string>;
}

/** Decisions on what may leave, each with the hash of the one before. Only added to. */
export interface AuditLogTable {
  /** A number with leading zeros: the order. */
  entry_id: string;
  at: string;
  actor: string;
  subject: string;
  decision: string;
  /** JSON text, as it was hashed. */
  detail: string;
  previous: string;
  hash: string;
}

/** Another Turnkeep that projects are kept the same with. */
export interface SyncPeersTable {
  peer_id: string;
  url: string;
  key_ref: string;
  settings: ColumnType<Record<string, unknown>, string, string>;
  state: ColumnType<Record<string, unknown>, string, string>;
  enabled: boolean;
  created_at: string;
  updated_at: string;
}
