import { termPattern, termsOf } from './terms.ts';
import { harmless } from './text.ts';

/** The part of a text around the first word of the query, up to `length` characters, harmless. */
export function excerpt(text: string, query: string, length: number): string {
  const clean = harmless(text).trim();
  if (clean.length <= length) return clean;
  const lower = clean.toLowerCase();
  const places = termsOf(query)
    .map((term) => lower.indexOf(term))
    .filter((place) => place >= 0);
  const first = places.length > 0 ? Math.min(...places) : 0;
  const from = Math.max(0, Math.min(first - Math.floor(length / 4), clean.length - length));
  const part = clean.slice(wholeCharacter(clean, from), wholeCharacter(clean, from + length));
  return `${from > 0 ? '…' : ''}${part}${from + length < clean.length ? '…' : ''}`;
}

/** Not in the middle of a surrogate pair. */
function wholeCharacter(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at + 1 : at;
}

/** The text with each word of the query, and other forms of it, put through `mark`. */
export function markTerms(text: string, query: string, mark: (text: string) => string): string {
  const pattern = termPattern(query);
  return pattern ? text.replace(pattern, mark) : text;
}
