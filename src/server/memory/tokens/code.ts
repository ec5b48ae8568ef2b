/** Something that is one name to a programmer: whole, and the words in it. */
export type CodeToken = { whole: string; parts: string[] };

const VERSION = /^v?\d+(?:\.\d+)+(?:-[\p{L}\d.]+)?$/u;
const CAMEL = /\p{Ll}\p{Lu}|\p{Lu}{2,}\p{Ll}{2}/u;
const LETTERS_AND_DIGITS = /\p{L}[-_]?\d|\d\p{L}/u;
const PARTS = /\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{M}]+|\p{Lu}+|\p{N}+/gu;

/**
 * Splits an identifier, path, error code or version; null for an ordinary word. Slashes and dots
 * join a path or a dotted name; a hyphen alone joins ordinary words and is not code.
 */
export function splitCode(text: string): CodeToken | null {
  if (VERSION.test(text)) return { whole: text.replace(/^v/i, ''), parts: [] };
  const joined = /[\p{L}\p{N}_][./\\:@#_$]+[\p{L}\p{N}_]/u.test(text) || text.includes('_');
  const bare = text.replace(/['\u2019]\p{L}+$/u, '');
  if (!joined && !CAMEL.test(bare) && !LETTERS_AND_DIGITS.test(bare)) return null;
  const parts = [...bare.matchAll(PARTS)].map(([part]) => part);
  return { whole: bare, parts: parts.length > 1 || parts[0] !== bare ? parts : [] };
}
