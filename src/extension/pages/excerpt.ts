import { oneLine } from './plainText.ts';

const LEAD = 30;

/** A line of `max` characters from where the first of the words occurs; else from the beginning. */
export function excerptAround(text: string, words: string, max: number): string {
  const lower = text.toLowerCase();
  const places = words
    .toLowerCase()
    .split(/[^\p{L}\p{N}_]+/u)
    .filter((word) => word.length > 1)
    .map((word) => lower.indexOf(word))
    .filter((at) => at >= 0);
  const first = places.length > 0 ? Math.min(...places) : 0;
  if (first <= LEAD) return oneLine(text, max);
  const from = Math.max(0, text.lastIndexOf(' ', first - LEAD) + 1, first - 2 * LEAD);
  return `…${oneLine(text.slice(from), max - 1)}`;
}
