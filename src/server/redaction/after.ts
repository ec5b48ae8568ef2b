import { isPlaceholder, isPlainWord } from './placeholders.ts';
import type { Rule } from './rule.ts';

/** A rule for secrets that only what stands before them gives away. */
export function after(
  kind: string,
  shape: string,
  hints: readonly string[],
  pattern: RegExp,
  fits: (secret: string) => boolean = () => true,
): Rule {
  const check = (secret: string) =>
    isPlaceholder(secret) || isPlainWord(secret) || !fits(secret) ? null : kind;
  return { kind, shape, hints, pattern, check };
}
