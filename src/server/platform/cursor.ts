import type { z } from 'zod';
import { TurnkeepError } from '../../contracts/errors.ts';

/** An opaque `next_cursor` for the place where a page ended. */
export function encodeCursor(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/**
 * The place of a cursor, or null without one.
 * @throws TurnkeepError `invalid_request` for text that is no cursor of this list.
 */
export function decodeCursor<S extends z.ZodType>(
  schema: S,
  cursor: string | undefined,
): z.output<S> | null {
  if (cursor === undefined) return null;
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw new TurnkeepError(
      'invalid_request',
      'The cursor is not one of this list: give `next_cursor` of the page before, as it is.',
      { fields: [{ path: 'cursor', message: 'Not a cursor.' }] },
    );
  }
}
