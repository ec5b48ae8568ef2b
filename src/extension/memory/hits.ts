import type { MemoryItem } from '../../contracts/memory.ts';
import { excerptAround } from '../pages/excerpt.ts';
import { count, localTime, oneLine } from '../pages/plainText.ts';
import { escapeInline, safeMarkdown } from '../pages/safeMarkdown.ts';

/** Stored text must not draw icons: `$(trash)` stays the letters that it is. */
export function iconless(text: string): string {
  return text.replaceAll('$(', '$\u200B(');
}

/** A row's label: the part of the message that matches, with a sign of who said it. */
export function hitLabel(item: MemoryItem, words: string): string {
  const icon = item.role === 'user' ? 'question' : 'comment';
  return `$(${icon}) ${iconless(excerptAround(item.content, words, 90))}`;
}

/** Where a message is from: `project, 2026-11-02 14:05, answer of gpt-5, turn …`. */
export function sourceOf(item: MemoryItem): string {
  const { model } = item.metadata;
  const by = typeof model === 'string' && model.trim() !== '' ? ` of ${oneLine(model, 60)}` : '';
  const who = item.role === 'user' ? 'question' : `answer${by}`;
  return `${oneLine(item.project, 60)}, ${localTime(item.created_at)}, ${who}, turn ${item.turn_id}`;
}

/** A message with its source below it, to paste elsewhere; the text is verbatim. */
export function withSource(item: MemoryItem): string {
  return `${item.content.trimEnd()}\n\n(Source: ${sourceOf(item)})\n`;
}

const SHOWN = 1_500;

/** Everything a search gave as a page to read: safe to render, long messages cut. */
export function resultsMarkdown(words: string, scope: string, items: MemoryItem[]): string {
  const lines = [
    `# ${escapeInline(oneLine(words, 100))}`,
    '',
    `*${escapeInline(`${count(items.length, 'message')} found in ${scope}, best first`)}*`,
  ];
  for (const [index, item] of items.entries()) {
    const isCut = item.content.length > SHOWN;
    const text = isCut ? `${item.content.slice(0, SHOWN).toWellFormed()}…` : item.content;
    lines.push('', `## ${index + 1} · ${escapeInline(sourceOf(item))}`, '', safeMarkdown(text));
  }
  return `${lines.join('\n')}\n`;
}

/** Places in a text where words of the question stand, as offsets; at most `max` of them. */
export function placesOf(words: string, text: string, max = 200): [from: number, to: number][] {
  const terms = (words.match(/[\p{L}\p{N}_]{3,}/gu) ?? []).sort((a, b) => b.length - a.length);
  if (terms.length === 0) return [];
  const places: [number, number][] = [];
  for (const { index, 0: found } of text.matchAll(new RegExp(terms.join('|'), 'giu'))) {
    places.push([index, index + found.length]);
    if (places.length >= max) break;
  }
  return places;
}
