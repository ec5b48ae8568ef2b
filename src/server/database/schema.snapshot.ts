/**
 * What `describeSchema` says of a freshly migrated database. After a change of the migrations
 * `npx vitest run test/store/drift.test.ts` prints the new text to put here.
 */
export const schemaSnapshot = `\
column ai_settings.setting: text collate "C" not null
column ai_settings.updated_at: timestamp with time zone not null
column ai_settings.value: json not null
column ai_spending.amount: numeric not null
column ai_spending.at: timestamp with time zone not null
column ai_spending.day: text collate "C" not null
column ai_spending.settled: boolean not null
column ai_spending.spending_id: text collate "C" not null
column atlas_thread.created_at: timestamp with time zone not null
column atlas_thread.external_id: text
column atlas_thread.session_id: text collate "C" not null
column atlas_thread.thread_id: text collate "C" not null
column audit_log.actor: text not null
column audit_log.at: timestamp with time zone not null
column audit_log.decision: text not null
column audit_log.detail: text not null
column audit_log.entry_id: text collate "C" not null
column audit_log.hash: text not null
column audit_log.previous: text not null
column audit_log.subject: text not null
column capture_events.agent: text not null
column capture_events.count: bigint not null
column capture_events.event_key: text collate "C" not null
column capture_events.first_at: timestamp with time zone not null
column capture_events.kind: text not null
column capture_events.last_at: timestamp with time zone not null
column capture_sources.agent: text not null
column capture_sources.bytes: bigint not null
column capture_sources.modified_at: timestamp with time zone not null
column capture_sources.path: text not null
column capture_sources.read_at: timestamp with time zone
column capture_sources.reader: text not null
column capture_sources.source_id: text collate "C" not null
column capture_sources.state: json not null
column context_entries.created_at: timestamp with time zone not null
column context_entries.entry_id: text collate "C" not null
column context_entries.expires_at: timestamp with time zone
column context_entries.key: text collate "C" not null
column context_entries.project_id: text collate "C"
column context_entries.session_id: text collate "C"
column context_entries.updated_at: timestamp with time zone not null
column context_entries.value: json not null
column conversation_messages.answered: boolean not null
column conversation_messages.content: text not null
column conversation_messages.content_exact: text
column conversation_messages.content_hash: text not null
column conversation_messages.created_at: timestamp with time zone not null
column conversation_messages.dated: boolean not null
column conversation_messages.event_id: text
column conversation_messages.message_id: text collate "C" not null
column conversation_messages.message_type: text not null
column conversation_messages.metadata: json not null default '{}'::json
column conversation_messages.model: text
column conversation_messages.position: integer not null
column conversation_messages.provenance: text not null
column conversation_messages.session_id: text collate "C" not null
column conversation_messages.thread_id: text collate "C" not null
column conversation_messages.turn_id: text collate "C" not null
column conversation_sessions.agent: text
column conversation_sessions.closed_at: timestamp with time zone
column conversation_sessions.created_at: timestamp with time zone not null
column conversation_sessions.external_id: text
column conversation_sessions.last_activity_at: timestamp with time zone not null
column conversation_sessions.last_position: integer not null
column conversation_sessions.origin: text not null
column conversation_sessions.person: text not null
column conversation_sessions.project_id: text collate "C" not null
column conversation_sessions.session_id: text collate "C" not null
column conversation_sessions.source: text not null
column conversation_sessions.status: text not null
column conversation_sessions.title: text
column evaluation_runs.comparison: json
column evaluation_runs.config_file: text collate "C"
column evaluation_runs.error: text
column evaluation_runs.exit_code: integer
column evaluation_runs.finished_at: timestamp with time zone
column evaluation_runs.is_baseline: boolean not null
column evaluation_runs.job_id: text collate "C" not null
column evaluation_runs.kind: text not null
column evaluation_runs.metrics: json not null
column evaluation_runs.output: text not null
column evaluation_runs.process: text
column evaluation_runs.project_id: text collate "C" not null
column evaluation_runs.runner: text not null
column evaluation_runs.script: text collate "C"
column evaluation_runs.started_at: timestamp with time zone not null
column evaluation_runs.status: text not null
column evaluation_runs.timeout_sec: integer not null
column integration_measures.errors: integer not null
column integration_measures.integration_id: text collate "C" not null
column integration_measures.measure_id: text collate "C" not null
column integration_measures.requests: integer not null
column integration_measures.starts_at: timestamp with time zone not null
column integration_measures.sums: json not null
column integrations.base_url: text not null
column integrations.created_at: timestamp with time zone not null
column integrations.enabled: boolean not null
column integrations.integration_id: text collate "C" not null
column integrations.key_ref: text
column integrations.kind: text not null
column integrations.name: text not null
column integrations.policy: json not null
column integrations.settings: json not null
column integrations.state: json not null
column integrations.updated_at: timestamp with time zone not null
column memory_embeddings.dims: integer not null
column memory_embeddings.made_at: timestamp with time zone not null
column memory_embeddings.message_id: text collate "C" not null
column memory_embeddings.model: text collate "C" not null
column memory_embeddings.project_id: text collate "C" not null
column memory_embeddings.session_id: text collate "C" not null
column memory_embeddings.vector: text collate "C" not null
column memory_index.asks: boolean not null
column memory_index.length: integer not null
column memory_index.message_id: text collate "C" not null
column memory_index.position: integer not null
column memory_index.project_id: text collate "C" not null
column memory_index.rules: integer not null default 0
column memory_index.said_at: timestamp with time zone not null
column memory_index.session_id: text collate "C" not null
column memory_index.tokeniser: integer not null
column memory_index.tokens: tsvector not null
column memory_insights.insight_id: text collate "C" not null
column memory_insights.kind: text not null
column memory_insights.message_id: text collate "C" not null
column memory_insights.project_id: text collate "C" not null
column memory_insights.said_at: timestamp with time zone not null
column memory_insights.session_id: text collate "C" not null
column memory_insights.text: text not null
column memory_pins.message_id: text collate "C" not null
column memory_pins.person: text not null
column memory_pins.pin_id: text collate "C" not null
column memory_pins.pinned_until: timestamp with time zone not null
column memory_pins.session_id: text collate "C" not null
column memory_postings.chunk: integer not null
column memory_postings.from_day: smallint not null
column memory_postings.places: bytea not null
column memory_postings.project: bigint not null
column memory_postings.term: bigint not null
column memory_postings.to_day: smallint not null
column memory_terms.chunks: integer not null default 0
column memory_terms.messages: bigint not null
column memory_terms.project: bigint not null
column memory_terms.tail: bytea not null
column memory_terms.tail_from: smallint
column memory_terms.tail_to: smallint
column memory_terms.term: bigint not null
column memory_vectors.content: text
column memory_vectors.created_at: timestamp with time zone not null
column memory_vectors.dims: integer not null
column memory_vectors.id: text collate "C" not null
column memory_vectors.metadata: json not null
column memory_vectors.model: text
column memory_vectors.namespace: text collate "C" not null
column memory_vectors.project_id: text collate "C" not null
column memory_vectors.row_id: text collate "C" not null
column memory_vectors.updated_at: timestamp with time zone not null
column memory_vectors.vector: text collate "C" not null
column model_aliases.alias: text collate "C" not null
column model_aliases.model_id: text collate "C" not null
column model_aliases.updated_at: timestamp with time zone not null
column model_calls.at: timestamp with time zone not null
column model_calls.call_id: text collate "C" not null
column model_calls.cost: numeric
column model_calls.duration_ms: integer
column model_calls.error_kind: text
column model_calls.first_token_ms: integer
column model_calls.input_tokens: integer
column model_calls.model_id: text collate "C" not null
column model_calls.operation: text not null
column model_calls.origin: text not null
column model_calls.output_tokens: integer
column model_connections.base_url: text
column model_connections.connection_id: text collate "C" not null
column model_connections.created_at: timestamp with time zone not null
column model_connections.enabled: boolean not null
column model_connections.key_ref: text
column model_connections.kind: text not null
column model_connections.settings: json not null
column model_connections.state: json not null
column model_connections.updated_at: timestamp with time zone not null
column model_events.at: timestamp with time zone not null
column model_events.detail: json not null
column model_events.event_id: text collate "C" not null
column model_events.kind: text not null
column model_events.model_id: text collate "C" not null
column model_rollups.calls: integer not null
column model_rollups.cost: numeric not null
column model_rollups.errors: integer not null
column model_rollups.grain: text not null
column model_rollups.input_tokens: bigint not null
column model_rollups.model_id: text collate "C" not null
column model_rollups.origin: text not null
column model_rollups.output_tokens: bigint not null
column model_rollups.rollup_id: text collate "C" not null
column model_rollups.starts_at: timestamp with time zone not null
column model_rollups.sums: json not null
column model_thresholds.created_at: timestamp with time zone not null
column model_thresholds.direction: text not null
column model_thresholds.metric: text not null
column model_thresholds.min_samples: integer not null
column model_thresholds.model_id: text collate "C"
column model_thresholds.threshold: double precision not null
column model_thresholds.threshold_id: text collate "C" not null
column model_thresholds.updated_at: timestamp with time zone not null
column model_thresholds.violated_since: timestamp with time zone
column model_thresholds.window_seconds: integer not null
column models.connection_id: text collate "C"
column models.created_at: timestamp with time zone not null
column models.is_active: boolean not null
column models.metadata: json not null
column models.model_id: text collate "C" not null
column models.model_name: text collate "C" not null
column models.model_type: text not null
column models.parameters: json not null
column models.performance_metrics: json not null
column models.provider: text collate "C" not null
column models.replaces: text collate "C"
column models.source: text not null
column models.tags: json not null
column models.updated_at: timestamp with time zone not null
column models.version: text collate "C" not null
column project_aliases.alias_id: text collate "C" not null
column project_aliases.created_at: timestamp with time zone not null
column project_aliases.key: text not null
column project_aliases.project_id: text collate "C" not null
column projects.created_at: timestamp with time zone not null
column projects.folder_id: text
column projects.key: text not null
column projects.name: text not null
column projects.project_id: text collate "C" not null
column projects.root: text
column sync_peers.created_at: timestamp with time zone not null
column sync_peers.enabled: boolean not null
column sync_peers.key_ref: text not null
column sync_peers.peer_id: text collate "C" not null
column sync_peers.settings: json not null
column sync_peers.state: json not null
column sync_peers.updated_at: timestamp with time zone not null
column sync_peers.url: text not null
column turn_refs.created_at: timestamp with time zone not null
column turn_refs.provenance: text not null
column turn_refs.ref: text not null
column turn_refs.ref_id: text collate "C" not null
column turn_refs.session_id: text collate "C" not null
column turn_refs.turn_id: text collate "C" not null
column turn_tombstones.created_at: timestamp with time zone not null
column turn_tombstones.tombstone_id: text collate "C" not null
column webhook_deliveries.attempts: integer not null
column webhook_deliveries.claimed_by: text
column webhook_deliveries.claimed_until: timestamp with time zone
column webhook_deliveries.created_at: timestamp with time zone not null
column webhook_deliveries.delivery_id: text collate "C" not null
column webhook_deliveries.endpoint_id: text collate "C" not null
column webhook_deliveries.event_id: text collate "C" not null
column webhook_deliveries.last_attempt: json
column webhook_deliveries.next_at: timestamp with time zone
column webhook_deliveries.status: text not null
column webhook_deliveries.updated_at: timestamp with time zone not null
column webhook_endpoints.created_at: timestamp with time zone not null
column webhook_endpoints.disabled_reason: text
column webhook_endpoints.enabled: boolean not null
column webhook_endpoints.endpoint_id: text collate "C" not null
column webhook_endpoints.event_types: json not null
column webhook_endpoints.failing_since: timestamp with time zone
column webhook_endpoints.integration_id: text collate "C"
column webhook_endpoints.name: text not null
column webhook_endpoints.secrets: json not null
column webhook_endpoints.settings: json not null
column webhook_endpoints.updated_at: timestamp with time zone not null
column webhook_endpoints.url: text not null
column webhook_events.at: timestamp with time zone not null
column webhook_events.data: json not null
column webhook_events.event_id: text collate "C" not null
column webhook_events.event_type: text not null
column webhook_events.project_id: text collate "C"
column webhook_events.session_id: text collate "C"
column webhook_received.at: timestamp with time zone not null
column webhook_received.data: json not null
column webhook_received.received_id: text collate "C" not null
column webhook_received.receiver_id: text collate "C" not null
column webhook_receivers.created_at: timestamp with time zone not null
column webhook_receivers.enabled: boolean not null
column webhook_receivers.name: text not null
column webhook_receivers.receiver_id: text collate "C" not null
column webhook_receivers.secrets: json not null
column webhook_receivers.settings: json not null
column webhook_receivers.updated_at: timestamp with time zone not null
constraint ai_settings.ai_settings_pkey: PRIMARY KEY (setting)
constraint ai_spending.ai_spending_pkey: PRIMARY KEY (spending_id)
constraint atlas_thread.atlas_thread_pkey: PRIMARY KEY (thread_id)
constraint atlas_thread.atlas_thread_session_id_fkey: FOREIGN KEY (session_id) REFERENCES conversation_sessions(session_id)
constraint audit_log.audit_log_pkey: PRIMARY KEY (entry_id)
constraint capture_events.capture_events_pkey: PRIMARY KEY (event_key)
constraint capture_sources.capture_sources_pkey: PRIMARY KEY (source_id)
constraint context_entries.context_entries_pkey: PRIMARY KEY (entry_id)
constraint context_entries.context_entries_scope: CHECK (((project_id IS NULL) <> (session_id IS NULL)))
constraint conversation_messages.conversation_messages_message_type_check: CHECK ((message_type = ANY (ARRAY['user'::text, 'assistant'::text])))
constraint conversation_messages.conversation_messages_metadata_check: CHECK ((json_typeof(metadata) = 'object'::text))
constraint conversation_messages.conversation_messages_pkey: PRIMARY KEY (message_id)
constraint conversation_messages.conversation_messages_position_check: CHECK (("position" >= 1))
constraint conversation_messages.conversation_messages_position_key: UNIQUE (session_id, "position")
constraint conversation_messages.conversation_messages_session_id_fkey: FOREIGN KEY (session_id) REFERENCES conversation_sessions(session_id)
constraint conversation_messages.conversation_messages_thread_id_fkey: FOREIGN KEY (thread_id) REFERENCES atlas_thread(thread_id)
constraint conversation_sessions.conversation_sessions_pkey: PRIMARY KEY (session_id)
constraint conversation_sessions.conversation_sessions_project_id_fkey: FOREIGN KEY (project_id) REFERENCES projects(project_id)
constraint conversation_sessions.conversation_sessions_status_check: CHECK ((status = ANY (ARRAY['open'::text, 'closed'::text])))
constraint evaluation_runs.evaluation_runs_pkey: PRIMARY KEY (job_id)
constraint integration_measures.integration_measures_pkey: PRIMARY KEY (measure_id)
constraint integrations.integrations_pkey: PRIMARY KEY (integration_id)
constraint memory_embeddings.memory_embeddings_pkey: PRIMARY KEY (message_id)
constraint memory_index.memory_index_pkey: PRIMARY KEY (message_id)
constraint memory_insights.memory_insights_pkey: PRIMARY KEY (insight_id)
constraint memory_pins.memory_pins_pkey: PRIMARY KEY (pin_id)
constraint memory_postings.memory_postings_pkey: PRIMARY KEY (term, project, chunk) INCLUDE (from_day, to_day)
constraint memory_terms.memory_terms_pkey: PRIMARY KEY (term, project)
constraint memory_vectors.memory_vectors_pkey: PRIMARY KEY (row_id)
constraint model_aliases.model_aliases_pkey: PRIMARY KEY (alias)
constraint model_calls.model_calls_pkey: PRIMARY KEY (call_id)
constraint model_connections.model_connections_pkey: PRIMARY KEY (connection_id)
constraint model_events.model_events_pkey: PRIMARY KEY (event_id)
constraint model_rollups.model_rollups_pkey: PRIMARY KEY (rollup_id)
constraint model_thresholds.model_thresholds_pkey: PRIMARY KEY (threshold_id)
constraint models.models_pkey: PRIMARY KEY (model_id)
constraint project_aliases.project_aliases_pkey: PRIMARY KEY (alias_id)
constraint project_aliases.project_aliases_project_id_fkey: FOREIGN KEY (project_id) REFERENCES projects(project_id)
constraint projects.projects_pkey: PRIMARY KEY (project_id)
constraint sync_peers.sync_peers_pkey: PRIMARY KEY (peer_id)
constraint turn_refs.turn_refs_pkey: PRIMARY KEY (ref_id)
constraint turn_tombstones.turn_tombstones_pkey: PRIMARY KEY (tombstone_id)
constraint webhook_deliveries.webhook_deliveries_pkey: PRIMARY KEY (delivery_id)
constraint webhook_endpoints.webhook_endpoints_pkey: PRIMARY KEY (endpoint_id)
constraint webhook_events.webhook_events_pkey: PRIMARY KEY (event_id)
constraint webhook_received.webhook_received_pkey: PRIMARY KEY (received_id)
constraint webhook_receivers.webhook_receivers_pkey: PRIMARY KEY (receiver_id)
index ai_settings_pkey: CREATE UNIQUE INDEX ai_settings_pkey ON ai_settings USING btree (setting)
index ai_spending_day: CREATE INDEX ai_spending_day ON ai_spending USING btree (day)
index ai_spending_pkey: CREATE UNIQUE INDEX ai_spending_pkey ON ai_spending USING btree (spending_id)
index atlas_thread_external_id: CREATE UNIQUE INDEX atlas_thread_external_id ON atlas_thread USING btree (session_id, external_id) WHERE (external_id IS NOT NULL)
index atlas_thread_pkey: CREATE UNIQUE INDEX atlas_thread_pkey ON atlas_thread USING btree (thread_id)
index atlas_thread_session_id: CREATE INDEX atlas_thread_session_id ON atlas_thread USING btree (session_id)
index audit_log_pkey: CREATE UNIQUE INDEX audit_log_pkey ON audit_log USING btree (entry_id)
index audit_log_subject: CREATE INDEX audit_log_subject ON audit_log USING btree (subject, at)
index capture_events_pkey: CREATE UNIQUE INDEX capture_events_pkey ON capture_events USING btree (event_key)
index capture_sources_pkey: CREATE UNIQUE INDEX capture_sources_pkey ON capture_sources USING btree (source_id)
index context_entries_expires: CREATE INDEX context_entries_expires ON context_entries USING btree (expires_at) WHERE (expires_at IS NOT NULL)
index context_entries_pkey: CREATE UNIQUE INDEX context_entries_pkey ON context_entries USING btree (entry_id)
index context_entries_project: CREATE UNIQUE INDEX context_entries_project ON context_entries USING btree (project_id, key) WHERE (session_id IS NULL)
index context_entries_session: CREATE UNIQUE INDEX context_entries_session ON context_entries USING btree (session_id, key) WHERE (session_id IS NOT NULL)
index conversation_messages_content_hash: CREATE INDEX conversation_messages_content_hash ON conversation_messages USING btree (session_id, content_hash)
index conversation_messages_created_at: CREATE INDEX conversation_messages_created_at ON conversation_messages USING btree (created_at)
index conversation_messages_event_id: CREATE UNIQUE INDEX conversation_messages_event_id ON conversation_messages USING btree (event_id) WHERE (event_id IS NOT NULL)
index conversation_messages_model: CREATE INDEX conversation_messages_model ON conversation_messages USING btree (model, created_at) WHERE (model IS NOT NULL)
index conversation_messages_pkey: CREATE UNIQUE INDEX conversation_messages_pkey ON conversation_messages USING btree (message_id)
index conversation_messages_position_key: CREATE UNIQUE INDEX conversation_messages_position_key ON conversation_messages USING btree (session_id, "position")
index conversation_messages_thread_id: CREATE INDEX conversation_messages_thread_id ON conversation_messages USING btree (thread_id)
index conversation_messages_turn_id: CREATE INDEX conversation_messages_turn_id ON conversation_messages USING btree (turn_id)
index conversation_messages_unanswered: CREATE INDEX conversation_messages_unanswered ON conversation_messages USING btree (session_id, "position") WHERE ((message_type = 'user'::text) AND (NOT answered))
index conversation_sessions_activity: CREATE INDEX conversation_sessions_activity ON conversation_sessions USING btree (project_id, last_activity_at)
index conversation_sessions_agent: CREATE UNIQUE INDEX conversation_sessions_agent ON conversation_sessions USING btree (person, external_id) WHERE (source = 'agent'::text)
index conversation_sessions_external: CREATE INDEX conversation_sessions_external ON conversation_sessions USING btree (external_id) WHERE (external_id IS NOT NULL)
index conversation_sessions_external_id: CREATE UNIQUE INDEX conversation_sessions_external_id ON conversation_sessions USING btree (project_id, external_id) WHERE (external_id IS NOT NULL)
index conversation_sessions_key: CREATE INDEX conversation_sessions_key ON conversation_sessions USING btree (memory_key(session_id))
index conversation_sessions_open: CREATE UNIQUE INDEX conversation_sessions_open ON conversation_sessions USING btree (person, project_id, origin) WHERE ((status = 'open'::text) AND (external_id IS NULL))
index conversation_sessions_pkey: CREATE UNIQUE INDEX conversation_sessions_pkey ON conversation_sessions USING btree (session_id)
index evaluation_runs_pkey: CREATE UNIQUE INDEX evaluation_runs_pkey ON evaluation_runs USING btree (job_id)
index evaluation_runs_project: CREATE INDEX evaluation_runs_project ON evaluation_runs USING btree (project_id, started_at)
index evaluation_runs_running: CREATE INDEX evaluation_runs_running ON evaluation_runs USING btree (runner) WHERE (status = 'running'::text)
index integration_measures_pkey: CREATE UNIQUE INDEX integration_measures_pkey ON integration_measures USING btree (measure_id)
index integration_measures_time: CREATE INDEX integration_measures_time ON integration_measures USING btree (integration_id, starts_at)
index integrations_pkey: CREATE UNIQUE INDEX integrations_pkey ON integrations USING btree (integration_id)
index memory_embeddings_changed: CREATE INDEX memory_embeddings_changed ON memory_embeddings USING btree (message_id) WHERE (model = ''::text)
index memory_embeddings_pkey: CREATE UNIQUE INDEX memory_embeddings_pkey ON memory_embeddings USING btree (message_id)
index memory_embeddings_state: CREATE INDEX memory_embeddings_state ON memory_embeddings USING btree (project_id, made_at)
index memory_index_pkey: CREATE UNIQUE INDEX memory_index_pkey ON memory_index USING btree (message_id)
index memory_index_said_at: CREATE INDEX memory_index_said_at ON memory_index USING btree (project_id, said_at)
index memory_insights_message_id: CREATE INDEX memory_insights_message_id ON memory_insights USING btree (message_id)
index memory_insights_pkey: CREATE UNIQUE INDEX memory_insights_pkey ON memory_insights USING btree (insight_id)
index memory_insights_said_at: CREATE INDEX memory_insights_said_at ON memory_insights USING btree (project_id, kind, said_at)
index memory_pins_message_id: CREATE INDEX memory_pins_message_id ON memory_pins USING btree (message_id)
index memory_pins_person: CREATE INDEX memory_pins_person ON memory_pins USING btree (person, pinned_until)
index memory_pins_pkey: CREATE UNIQUE INDEX memory_pins_pkey ON memory_pins USING btree (pin_id)
index memory_postings_pkey: CREATE UNIQUE INDEX memory_postings_pkey ON memory_postings USING btree (term, project, chunk) INCLUDE (from_day, to_day)
index memory_terms_pkey: CREATE UNIQUE INDEX memory_terms_pkey ON memory_terms USING btree (term, project)
index memory_vectors_id: CREATE UNIQUE INDEX memory_vectors_id ON memory_vectors USING btree (project_id, namespace, id)
index memory_vectors_pkey: CREATE UNIQUE INDEX memory_vectors_pkey ON memory_vectors USING btree (row_id)
index memory_vectors_state: CREATE INDEX memory_vectors_state ON memory_vectors USING btree (project_id, namespace, updated_at)
index model_aliases_pkey: CREATE UNIQUE INDEX model_aliases_pkey ON model_aliases USING btree (alias)
index model_calls_at: CREATE INDEX model_calls_at ON model_calls USING btree (at)
index model_calls_pkey: CREATE UNIQUE INDEX model_calls_pkey ON model_calls USING btree (call_id)
index model_connections_pkey: CREATE UNIQUE INDEX model_connections_pkey ON model_connections USING btree (connection_id)
index model_events_model: CREATE INDEX model_events_model ON model_events USING btree (model_id, at)
index model_events_pkey: CREATE UNIQUE INDEX model_events_pkey ON model_events USING btree (event_id)
index model_rollups_model: CREATE INDEX model_rollups_model ON model_rollups USING btree (model_id, grain, starts_at)
index model_rollups_pkey: CREATE UNIQUE INDEX model_rollups_pkey ON model_rollups USING btree (rollup_id)
index model_rollups_time: CREATE INDEX model_rollups_time ON model_rollups USING btree (grain, starts_at)
index model_thresholds_pkey: CREATE UNIQUE INDEX model_thresholds_pkey ON model_thresholds USING btree (threshold_id)
index models_by_name: CREATE INDEX models_by_name ON models USING btree (model_name, created_at)
index models_name: CREATE INDEX models_name ON models USING btree (provider, model_name, version)
index models_pkey: CREATE UNIQUE INDEX models_pkey ON models USING btree (model_id)
index project_aliases_key: CREATE UNIQUE INDEX project_aliases_key ON project_aliases USING btree (md5(key))
index project_aliases_pkey: CREATE UNIQUE INDEX project_aliases_pkey ON project_aliases USING btree (alias_id)
index project_aliases_project_id: CREATE INDEX project_aliases_project_id ON project_aliases USING btree (project_id)
index projects_folder_id: CREATE INDEX projects_folder_id ON projects USING btree (folder_id) WHERE (folder_id IS NOT NULL)
index projects_key: CREATE UNIQUE INDEX projects_key ON projects USING btree (md5(key))
index projects_pkey: CREATE UNIQUE INDEX projects_pkey ON projects USING btree (project_id)
index sync_peers_pkey: CREATE UNIQUE INDEX sync_peers_pkey ON sync_peers USING btree (peer_id)
index turn_refs_pkey: CREATE UNIQUE INDEX turn_refs_pkey ON turn_refs USING btree (ref_id)
index turn_refs_session_id: CREATE INDEX turn_refs_session_id ON turn_refs USING btree (session_id)
index turn_refs_turn_id: CREATE INDEX turn_refs_turn_id ON turn_refs USING btree (turn_id)
index turn_tombstones_pkey: CREATE UNIQUE INDEX turn_tombstones_pkey ON turn_tombstones USING btree (tombstone_id)
index webhook_deliveries_due: CREATE INDEX webhook_deliveries_due ON webhook_deliveries USING btree (next_at) WHERE (status = 'pending'::text)
index webhook_deliveries_endpoint: CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries USING btree (endpoint_id, created_at)
index webhook_deliveries_pkey: CREATE UNIQUE INDEX webhook_deliveries_pkey ON webhook_deliveries USING btree (delivery_id)
index webhook_endpoints_pkey: CREATE UNIQUE INDEX webhook_endpoints_pkey ON webhook_endpoints USING btree (endpoint_id)
index webhook_events_at: CREATE INDEX webhook_events_at ON webhook_events USING btree (at)
index webhook_events_pkey: CREATE UNIQUE INDEX webhook_events_pkey ON webhook_events USING btree (event_id)
index webhook_received_at: CREATE INDEX webhook_received_at ON webhook_received USING btree (receiver_id, at)
index webhook_received_pkey: CREATE UNIQUE INDEX webhook_received_pkey ON webhook_received USING btree (received_id)
index webhook_receivers_pkey: CREATE UNIQUE INDEX webhook_receivers_pkey ON webhook_receivers USING btree (receiver_id)
table ai_settings: present
table ai_spending: present
table atlas_thread: present
table audit_log: present
table capture_events: present
table capture_sources: present
table context_entries: present
table conversation_messages: present
table conversation_sessions: present
table evaluation_runs: present
table integration_measures: present
table integrations: present
table memory_embeddings: present
table memory_index: present
table memory_insights: present
table memory_pins: present
table memory_postings: present
table memory_terms: present
table memory_vectors: present
table model_aliases: present
table model_calls: present
table model_connections: present
table model_events: present
table model_rollups: present
table model_thresholds: present
table models: present
table project_aliases: present
table projects: present
table sync_peers: present
table turn_refs: present
table turn_tombstones: present
table webhook_deliveries: present
table webhook_endpoints: present
table webhook_events: present
table webhook_received: present
table webhook_receivers: present
trigger memory_index_deleted: CREATE TRIGGER memory_index_deleted AFTER DELETE ON memory_index REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION memory_index_remove()
trigger memory_index_inserted: CREATE TRIGGER memory_index_inserted AFTER INSERT ON memory_index REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION memory_index_add()
trigger memory_index_truncated: CREATE TRIGGER memory_index_truncated AFTER TRUNCATE ON memory_index FOR EACH STATEMENT EXECUTE FUNCTION memory_index_forget()
trigger memory_index_updated: CREATE TRIGGER memory_index_updated AFTER UPDATE ON memory_index REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION memory_index_change()`;
