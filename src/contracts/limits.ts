/** A message is kept whole up to this many bytes of UTF-8. */
export const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;
/** Metadata: any JSON object up to this many bytes of JSON text. */
export const MAX_METADATA_BYTES = 64 * 1024;
/** Request body: two whole messages, with room for JSON escapes. */
export const MAX_BODY_BYTES = 40 * 1024 * 1024;
/** Turns or messages in one batch call. */
export const MAX_BATCH = 1000;
/** A session with no activity for this long is closed by the next capture. */
export const SESSION_IDLE_HOURS = 4;
/** Body of an endpoint of `/api`, which takes no message. */
export const MAX_API_BODY_BYTES = 1024 * 1024;
/** Body of a write of vectors: a thousand of a usual length, as JSON. */
export const MAX_VECTOR_BODY_BYTES = 24 * 1024 * 1024;
/** Arrays and objects in one another, in any body. */
export const MAX_JSON_DEPTH = 100;
/** A value of the keyed context: bytes of its JSON text. */
export const MAX_CONTEXT_BYTES = 256 * 1024;
/** An endpoint of `/api` is given up after so long, unless its definition says otherwise. */
export const ENDPOINT_TIMEOUT_MS = 30_000;
/** How long the answer of a write is known under its `Idempotency-Key`. */
export const IDEMPOTENCY_HOURS = 24;
/** Requests a second that one token may send, over ten seconds; `TURNKEEP_RATE_LIMIT` says otherwise. */
export const DEFAULT_RATE_LIMIT = 1000;
