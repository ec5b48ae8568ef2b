import type { ColumnType, Generated } from 'kysely';

/* The tables that stored conversations are found again by. */

/** The terms of one message. Found only together with its message. */
export interface MemoryIndexTable {
  message_id: string;
  session_id: string;
  project_id: string;
  position: number;
  /** When the message was said. */
  said_at: string;
  /** Terms in the message, each as often as it comes. */
  length: number;
  /** Whether the message ends with a question. */
  asks: boolean;
  /** Version of the tokeniser that made the row. */
  tokeniser: number;
  /** Text of a `tsvector`. */
  tokens: string;
  /** Version of the rules that have read the message for insights. */
  rules: Generated<number>;
}

/** What the rules have read from one message: a decision, a goal, a file and so on. */
export interface MemoryInsightsTable {
  /** The message and the number of the insight in it, so that a replay adds nothing twice. */
  insight_id: string;
  message_id: string;
  session_id: string;
  project_id: string;
  kind: string;
  text: string;
  said_at: string;
}

/** Messages that a person has pinned to the hot context. */
export interface MemoryPinsTable {
  /** The person and the message. */
  pin_id: string;
  person: string;
  message_id: string;
  session_id: string;
  pinned_until: string;
}

/**
 * How many messages of a project hold a term, and where the latest of them are. The database keeps
 * it by itself: read only. Terms and projects are there by `memory_key`, their 53-bit hash.
 */
export interface MemoryTermsTable {
  term: number;
  project: number;
  messages: number;
  /** Rows of the term in `memory_postings`. */
  chunks: number;
  tail_from: number | null;
  tail_to: number | null;
  /** Places that are in no chunk yet, 16 bytes each. */
  tail: Buffer;
}

/** Where a term of a project is: older places, by chunks. Read only. */
export interface MemoryPostingsTable {
  term: number;
  project: number;
  /** From 1 on, in the order in which they came. */
  chunk: number;
  /** Days since 2020-01-01 of the earliest and the latest place. */
  from_day: number;
  to_day: number;
  places: Buffer;
}

/** A vector that a program keeps under a key of a namespace of a project. */
export interface MemoryVectorsTable {
  row_id: string;
  project_id: string;
  namespace: string;
  id: string;
  dims: number;
  /** What made the vector of its text; null for one that was given. */
  model: string | null;
  /** Base64 of one signed byte a number. */
  vector: string;
  content: string | null;
  metadata: ColumnType<Record<string, unknown>, string, string>;
  created_at: string;
  updated_at: string;
}

/** The vector of a message by the embedding model that is switched on for the memory. */
export interface MemoryEmbeddingsTable {
  message_id: string;
  session_id: string;
  project_id: string;
  /** Id of the model; empty when the message has changed and its vector is to be made anew. */
  model: string;
  /** 0 for a message that has no vector: without text, or one that points nowhere. */
  dims: number;
  /** Base64 of one signed byte a number. */
  vector: string;
  made_at: string;
}
