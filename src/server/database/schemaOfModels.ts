import type { ColumnType } from 'kysely';

/* The tables of models and their calls. */

/** A provider that models are called at, and how. */
export interface ModelConnectionsTable {
  /** The name that the person gave it: `ollama`, `work`. */
  connection_id: string;
  kind: string;
  base_url: string | null;
  /** Where the key is, never the key: `env:NAME` or `secret:NAME`. */
  key_ref: string | null;
  enabled: boolean;
  settings: ColumnType<Record<string, unknown>, string, string>;
  /** What was last found out: health, discovery. */
  state: ColumnType<Record<string, unknown>, string, string>;
  created_at: string;
  updated_at: string;
}

/** One version of a model. */
export interface ModelsTable {
  model_id: string;
  model_name: string;
  model_type: string;
  provider: string;
  version: string;
  parameters: ColumnType<Record<string, unknown>, string, string>;
  performance_metrics: ColumnType<Record<string, number>, string, string>;
  /** Context window, prices and so on. */
  metadata: ColumnType<Record<string, unknown>, string, string>;
  tags: ColumnType<string[], string, string>;
  /** Who told of it: `manual`, `captured`, `discovered`, `editor`, `import`. */
  source: string;
  connection_id: string | null;
  /** The model that it takes the place of. */
  replaces: string | null;
  is_active: boolean;
  created_at: string;
  updated_at: string;
}

/** A name of the person's own for a model: `fast`, `best`. */
export interface ModelAliasesTable {
  alias: string;
  model_id: string;
  updated_at: string;
}

/** What happened to an entry of the registry: activation, metrics, aliases. */
export interface ModelEventsTable {
  event_id: string;
  model_id: string;
  kind: string;
  at: string;
  detail: ColumnType<Record<string, unknown>, string, string>;
}

/** One call of a model, or one captured turn that a model answered. Kept for a while. */
export interface ModelCallsTable {
  /** Of a captured turn the id of its message, so that it counts once. */
  call_id: string;
  model_id: string;
  at: string;
  /** `api`, `turn`, `editor`, `test`. */
  origin: string;
  /** As OpenTelemetry names it: `chat`, `embeddings`, … */
  operation: string;
  duration_ms: number | null;
  first_token_ms: number | null;
  input_tokens: number | null;
  output_tokens: number | null;
  /** US dollars. */
  cost: string | null;
  error_kind: string | null;
}

/** The calls of a model in a minute, hour or day. */
export interface ModelRollupsTable {
  /** Grain, start, model and origin. */
  rollup_id: string;
  model_id: string;
  origin: string;
  grain: 'minute' | 'hour' | 'day';
  starts_at: string;
  calls: number;
  errors: number;
  input_tokens: number;
  output_tokens: number;
  cost: string;
  /** Histograms of the times, kinds of error. */
  sums: ColumnType<Record<string, unknown>, string, string>;
}

/** A bound that a measure of a model, or of every model, is held to. */
export interface ModelThresholdsTable {
  threshold_id: string;
  /** Null: every model. */
  model_id: string | null;
  metric: string;
  direction: 'floor' | 'ceiling';
  threshold: number;
  window_seconds: number;
  min_samples: number;
  violated_since: string | null;
  created_at: string;
  updated_at: string;
}

/** Settings of the calls of models: fallbacks, limits, rules. */
export interface AiSettingsTable {
  setting: string;
  value: ColumnType<unknown, string, string>;
  updated_at: string;
}

/** What calls cost on a day: reserved before the call, settled after it. */
export interface AiSpendingTable {
  spending_id: string;
  /** YYYY-MM-DD in UTC. */
  day: string;
  /** US dollars. */
  amount: string;
  settled: boolean;
  at: string;
}
