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
