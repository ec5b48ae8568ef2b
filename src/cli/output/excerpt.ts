import { harmless } from './text.ts';

/** Words of a query as they are looked for in a text, longest first. */
function termsOf(query: string): string[] {
  const words = query.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? [];
  return [...new Set(words)].sort((a, b) => b.length - a.length);
}

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

/** The text with each word of the query put through `mark`. */
export function markTerms(text: string, query: string, mark: (text: string) => string): string {
  const terms = termsOf(query);
  if (terms.length === 0) return text;
  return text.replace(new RegExp(terms.join('|'), 'giu'), mark);
}
