import { z } from 'zod';

/** Names and ids that are stored as they are: PostgreSQL holds neither NUL nor half a surrogate. */
export function shortText(max: number) {
  return z
    .string()
    .min(1)
    .max(max)
    .refine((text) => !text.includes('\0') && text.isWellFormed(), {
      message: 'A NUL character or half a surrogate pair cannot be stored here: leave it out.',
    });
}
