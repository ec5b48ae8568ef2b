import { TurnkeepError } from '../../contracts/errors.ts';
import { MAX_MESSAGE_BYTES } from '../../contracts/limits.ts';

/** Text that PostgreSQL's `text` cannot hold: NUL, and halves of surrogate pairs. */
const UNHOLDABLE = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** The text with U+FFFD in place of what PostgreSQL cannot hold. */
export function holdable(text: string): string {
  return text.replace(UNHOLDABLE, '\uFFFD');
}

/**
 * How a message is stored: `content` as `text` takes it and, only where that is not the message
 * itself, `content_exact` with the JSON text that is.
 * @throws TurnkeepError `message_too_large`.
 */
export function storedContent(content: string): { content: string; content_exact: string | null } {
  const bytes = Buffer.byteLength(content, 'utf8');
  if (bytes > MAX_MESSAGE_BYTES) {
    const size = (bytes / 1024 / 1024).toFixed(1);
    throw new TurnkeepError(
      'message_too_large',
      `The message has ${size} MiB; one message may have 8 MiB. Split it, or keep the large part as a file and name it in the message.`,
    );
  }
  const text = holdable(content);
  return {
    content: text,
    content_exact: text === content ? null : JSON.stringify(content),
  };
}

/** The message as it was given. */
export function originalContent(row: { content: string; content_exact: string | null }): string {
  return row.content_exact === null ? row.content : (JSON.parse(row.content_exact) as string);
}
