import type { ColumnType, Generated } from 'kysely';
import type { Comparison } from '../../contracts/evaluationTools.ts';
import type {
  AuditLogTable,
  IntegrationMeasuresTable,
  IntegrationsTable,
  SyncPeersTable,
  WebhookDeliveriesTable,
  WebhookEndpointsTable,
  WebhookEventsTable,
  WebhookReceivedTable,
  WebhookReceiversTable,
} from './schemaOfIntegrations.ts';
import type {
  MemoryEmbeddingsTable,
  MemoryIndexTable,
  MemoryInsightsTable,
  MemoryPinsTable,
  MemoryPostingsTable,
  MemoryTermsTable,
  MemoryVectorsTable,
} from './schemaOfMemory.ts';
import type {
  AiSettingsTable,
  AiSpendingTable,
  ModelAliasesTable,
  ModelCallsTable,
  ModelConnectionsTable,
  ModelEventsTable,
  ModelRollupsTable,
  ModelsTable,
  ModelThresholdsTable,
} from './schemaOfModels.ts';

/**
 * The tables, as Kysely sees them. `migrations/` creates them; `drift.ts` checks that what a
 * database holds is what this says. Times are ISO 8601 strings in UTC on both engines; `json`
 * columns are parsed objects when read and JSON text when written.
 */
export interface ProjectsTable {
  project_id: string;
  /** Identity, unique: `git:host/owner/name`, `path:/abs/root`, `name:given` or `default`. */
  key: string;
  name: string;
  root: string | null;
  /** What the file system calls the root folder (digest of the host, device, inode): it survives a renaming. */
  folder_id: Generated<string | null>;
  created_at: string;
}

/** Another key that leads to a project, after a merge or a renaming. */
export interface ProjectAliasesTable {
  /** SHA-256 of the key, hex, first 32 digits. */
  alias_id: string;
  key: string;
  project_id: string;
  created_at: string;
}

export interface SessionsTable {
  session_id: string;
  project_id: string;
  /** Login name of the person; several people may share one PostgreSQL. */
  person: string;
  /** Editor window, agent conversation or program that the session belongs to. */
  origin: string;
  /** The session's name where it was imported from; unique in its project. */
  external_id: string | null;
  source: string;
  agent: string | null;
  title: string | null;
  status: 'open' | 'closed';
  created_at: string;
  last_activity_at: string;
  /** Position of the last message that was stored; never goes back. */
  last_position: number;
  closed_at: string | null;
}

export interface ThreadsTable {
  thread_id: string;
  session_id: string;
  external_id: string | null;
  created_at: string;
}

export interface MessagesTable {
  message_id: string;
  session_id: string;
  thread_id: string;
  turn_id: string;
  /** Order in the session, from 1. */
  position: number;
  message_type: 'user' | 'assistant';
  content: string;
  /** JSON text of the content when PostgreSQL's `text` cannot hold it (NUL, lone surrogates). */
  content_exact: string | null;
  /** SHA-256 of role and content, hex, first 32 digits: finds what is stored already. */
  content_hash: string;
  created_at: string;
  /** False when the source gave no time and `created_at` is the time of the import. */
  dated: boolean;
  /** A user message that has its answer. */
  answered: boolean;
  model: string | null;
  provenance: string;
  /** Idempotency key of the event that brought it. */
  event_id: string | null;
  metadata: ColumnType<Record<string, unknown>, string, string>;
}

/** A name that a route has for a turn: what is observed again under it is that turn. */
export interface TurnRefsTable {
  /** SHA-256 of session, provenance and ref, hex, first 32 digits. */
  ref_id: string;
  session_id: string;
  turn_id: string;
  provenance: string;
  ref: string;
  created_at: string;
}

/** A turn that was deleted and is not to come back by itself: a digest, no text. */
export interface TurnTombstonesTable {
  tombstone_id: string;
  created_at: string;
}

/** A file or store that was read, and how far. */
export interface CaptureSourcesTable {
  /** SHA-256 of reader and path, hex, first 32 digits. */
  source_id: string;
  reader: string;
  agent: string;
  path: string;
  bytes: number;
  modified_at: string;
  /** What the reader needs to go on from there. */
  state: ColumnType<Record<string, unknown>, string, string>;
  /** When it was read to its end; null while it is not. */
  read_at: string | null;
}

/** What an agent's hooks have sent, by kind. */
export interface CaptureEventsTable {
  /** Agent and kind. */
  event_key: string;
  agent: string;
  kind: string;
  count: number;
  first_at: string;
  last_at: string;
}

/** What a program keeps under a key for a project or a session: one of the two is null. */
export interface ContextEntriesTable {
  entry_id: string;
  project_id: string | null;
  session_id: string | null;
  key: string;
  value: ColumnType<unknown, string, string>;
  created_at: string;
  updated_at: string;
  expires_at: string | null;
}

/** An evaluation that ran or runs, and what it measured. */
export interface EvaluationRunsTable {
  job_id: string;
  project_id: string;
  kind: 'script' | 'retrieval';
  /** Places in the project, with slashes. */
  script: string | null;
  config_file: string | null;
  status: 'running' | 'succeeded' | 'failed' | 'timed_out' | 'cancelled' | 'interrupted';
  started_at: string;
  finished_at: string | null;
  timeout_sec: number;
  exit_code: number | null;
  error: string | null;
  metrics: ColumnType<Record<string, number>, string, string>;
  comparison: ColumnType<Comparison | null, string | null, string | null>;
  /** Later ones of the same script and configuration are compared with it. */
  is_baseline: boolean;
  /** The end of what it printed. */
  output: string;
  /** The server that runs it: digest of its computer and home. */
  runner: string;
  /** Id and start of its process, while it runs. */
  process: string | null;
}

export interface DatabaseSchema {
  projects: ProjectsTable;
  conversation_sessions: SessionsTable;
  atlas_thread: ThreadsTable;
  conversation_messages: MessagesTable;
  memory_index: MemoryIndexTable;
  memory_terms: MemoryTermsTable;
  memory_postings: MemoryPostingsTable;
  memory_insights: MemoryInsightsTable;
  memory_pins: MemoryPinsTable;
  project_aliases: ProjectAliasesTable;
  turn_refs: TurnRefsTable;
  turn_tombstones: TurnTombstonesTable;
  capture_sources: CaptureSourcesTable;
  capture_events: CaptureEventsTable;
  context_entries: ContextEntriesTable;
  evaluation_runs: EvaluationRunsTable;
  memory_vectors: MemoryVectorsTable;
  memory_embeddings: MemoryEmbeddingsTable;
  model_connections: ModelConnectionsTable;
  models: ModelsTable;
  model_aliases: ModelAliasesTable;
  model_events: ModelEventsTable;
  model_calls: ModelCallsTable;
  model_rollups: ModelRollupsTable;
  model_thresholds: ModelThresholdsTable;
  ai_settings: AiSettingsTable;
  ai_spending: AiSpendingTable;
  integrations: IntegrationsTable;
  integration_measures: IntegrationMeasuresTable;
  webhook_endpoints: WebhookEndpointsTable;
  webhook_events: WebhookEventsTable;
  webhook_deliveries: WebhookDeliveriesTable;
  webhook_receivers: WebhookReceiversTable;
  webhook_received: WebhookReceivedTable;
  audit_log: AuditLogTable;
  sync_peers: SyncPeersTable;
}

/** Tables that are written, journalled and backed up. */
export type TableName = Exclude<keyof DatabaseSchema, (typeof derivedTables)[number]>;
/** Tables that triggers keep: neither journalled nor backed up. */
export const derivedTables = ['memory_terms', 'memory_postings'] as const;
/** Tables so that what a row refers to comes first. */
export const tablesInOrder: readonly TableName[] = [
  'projects',
  'conversation_sessions',
  'atlas_thread',
  'conversation_messages',
  'memory_index',
  'memory_insights',
  'memory_pins',
  'project_aliases',
  'turn_refs',
  'turn_tombstones',
  'capture_sources',
  'capture_events',
  'context_entries',
  'evaluation_runs',
  'memory_vectors',
  'memory_embeddings',
  'model_connections',
  'models',
  'model_aliases',
  'model_events',
  'model_calls',
  'model_rollups',
  'model_thresholds',
  'ai_settings',
  'ai_spending',
  'integrations',
  'integration_measures',
  'webhook_endpoints',
  'webhook_events',
  'webhook_deliveries',
  'webhook_receivers',
  'webhook_received',
  'audit_log',
  'sync_peers',
];
