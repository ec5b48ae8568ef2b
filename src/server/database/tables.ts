import type { DatabaseSchema, TableName } from './schema.ts';
import { tablesOfIntegrations } from './tablesOfIntegrations.ts';
import { tablesOfModels } from './tablesOfModels.ts';

type Columns<T extends TableName> = Record<keyof DatabaseSchema[T], string>;
type Tables = { [T in TableName]: { key: keyof DatabaseSchema[T] & string; columns: Columns<T> } };

/** Primary key and stored columns (with their SQL types) of each table. */
export const tables: Tables = {
  projects: {
    key: 'project_id',
    columns: {
      project_id: 'text',
      key: 'text',
      name: 'text',
      root: 'text',
      folder_id: 'text',
      created_at: 'timestamptz',
    },
  },
  conversation_sessions: {
    key: 'session_id',
    columns: {
      session_id: 'text',
      project_id: 'text',
      person: 'text',
      origin: 'text',
      external_id: 'text',
      source: 'text',
      agent: 'text',
      title: 'text',
      status: 'text',
      created_at: 'timestamptz',
      last_activity_at: 'timestamptz',
      last_position: 'integer',
      closed_at: 'timestamptz',
    },
  },
  atlas_thread: {
    key: 'thread_id',
    columns: {
      thread_id: 'text',
      session_id: 'text',
      external_id: 'text',
      created_at: 'timestamptz',
    },
  },
  conversation_messages: {
    key: 'message_id',
    columns: {
      message_id: 'text',
      session_id: 'text',
      thread_id: 'text',
      turn_id: 'text',
      position: 'integer',
      message_type: 'text',
      content: 'text',
      content_exact: 'text',
      content_hash: 'text',
      created_at: 'timestamptz',
      dated: 'boolean',
      answered: 'boolean',
      model: 'text',
      provenance: 'text',
      event_id: 'text',
      metadata: 'json',
    },
  },
  memory_index: {
    key: 'message_id',
    columns: {
      message_id: 'text',
      session_id: 'text',
      project_id: 'text',
      position: 'integer',
      said_at: 'timestamptz',
      length: 'integer',
      asks: 'boolean',
      tokeniser: 'integer',
      tokens: 'tsvector',
      rules: 'integer',
    },
  },
  memory_insights: {
    key: 'insight_id',
    columns: {
      insight_id: 'text',
      message_id: 'text',
      session_id: 'text',
      project_id: 'text',
      kind: 'text',
      text: 'text',
      said_at: 'timestamptz',
    },
  },
  memory_pins: {
    key: 'pin_id',
    columns: {
      pin_id: 'text',
      person: 'text',
      message_id: 'text',
      session_id: 'text',
      pinned_until: 'timestamptz',
    },
  },
  project_aliases: {
    key: 'alias_id',
    columns: {
      alias_id: 'text',
      key: 'text',
      project_id: 'text',
      created_at: 'timestamptz',
    },
  },
  turn_refs: {
    key: 'ref_id',
    columns: {
      ref_id: 'text',
      session_id: 'text',
      turn_id: 'text',
      provenance: 'text',
      ref: 'text',
      created_at: 'timestamptz',
    },
  },
  turn_tombstones: {
    key: 'tombstone_id',
    columns: {
      tombstone_id: 'text',
      created_at: 'timestamptz',
    },
  },
  capture_sources: {
    key: 'source_id',
    columns: {
      source_id: 'text',
      reader: 'text',
      agent: 'text',
      path: 'text',
      bytes: 'bigint',
      modified_at: 'timestamptz',
      state: 'json',
      read_at: 'timestamptz',
    },
  },
  capture_events: {
    key: 'event_key',
    columns: {
      event_key: 'text',
      agent: 'text',
      kind: 'text',
      count: 'bigint',
      first_at: 'timestamptz',
      last_at: 'timestamptz',
    },
  },
  context_entries: {
    key: 'entry_id',
    columns: {
      entry_id: 'text',
      project_id: 'text',
      session_id: 'text',
      key: 'text',
      value: 'json',
      created_at: 'timestamptz',
      updated_at: 'timestamptz',
      expires_at: 'timestamptz',
    },
  },
  ...tablesOfModels,
  ...tablesOfIntegrations,
};
