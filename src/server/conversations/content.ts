import { createHash } from 'node:crypto';
import { TurnkeepError } from '../../contracts/errors.ts';
import { MAX_METADATA_BYTES } from '../../contracts/limits.ts';
import { holdable } from '../database/text.ts';

/** Names a role and content: 32 hex digits of SHA-256. */
export function contentHash(role: string, content: string): string {
  return createHash('sha256').update(role).update('\0').update(content).digest('hex').slice(0, 32);
}

/**
 * Metadata as JSON text for the `json` column, which keeps the keys in their order.
 * @throws TurnkeepError `invalid_request` when it has more than 64 KiB.
 */
export function metadataText(metadata: Record<string, unknown>): string {
  const text = JSON.stringify(metadata);
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes > MAX_METADATA_BYTES) {
    throw new TurnkeepError(
      'invalid_request',
      `The metadata has ${Math.ceil(bytes / 1024)} KiB; it may have 64 KiB. Put the large part into the message.`,
      { fields: [{ path: 'metadata', message: 'At most 64 KiB of JSON.' }] },
    );
  }
  return text;
}

const TITLE_CHARACTERS = 80;

/** A session's title: the first line with text of its first message, cut at 80 characters. */
export function titleOf(content: string): string {
  const head = content.slice(0, 4000);
  const line = head.split(/\r?\n/).find((part) => /[\p{L}\p{N}]/u.test(part)) ?? head;
  const clean = holdable(line.replace(/[\p{Cc}\p{Cf}]+/gu, ' ')).trim();
  const characters = [...clean];
  return characters.length > TITLE_CHARACTERS
    ? `${characters
        .slice(0, TITLE_CHARACTERS - 1)
        .join('')
        .trimEnd()}…`
    : clean;
}
