import type { Item } from '../capture/conversation.ts';

export type DraftKind = 'turn' | 'query' | 'response';
export type DraftContent = { query: string; response: string };

const HINTS = {
  query: 'Question: what you asked, below this line',
  response: 'Answer: what the AI said, below this line',
} as const;

const partsOf = (kind: DraftKind) => (kind === 'turn' ? (['query', 'response'] as const) : [kind]);

// The draft's own id is in its marks, so that a captured text which holds marks stays text.
const mark = (part: keyof typeof HINTS, id: string) => `<!-- ${id} · ${HINTS[part]} -->`;

/** The Markdown of a new draft: a mark above each part. `id` is a short random text. */
export function renderDraft(kind: DraftKind, id: string, content: DraftContent): string {
  return partsOf(kind)
    .map((part) => `${mark(part, id)}\n\n${content[part]}\n`)
    .join('\n');
}

/** The parts of a draft, or a message for the person about what keeps it from being captured. */
export type ParsedDraft = { ok: true; content: DraftContent } | { ok: false; message: string };

/** Reads a draft back. Blank lines around a part are dropped, the rest stays as it was written. */
export function parseDraft(kind: DraftKind, id: string, text: string): ParsedDraft {
  const lines = text.split(/\r?\n/);
  const content: DraftContent = { query: '', response: '' };
  const starts = partsOf(kind).map((part) => ({ part, line: lineOf(lines, part, id) }));
  const lost = starts.find(({ line }) => line < 0);
  if (lost) {
    return {
      ok: false,
      message: `The line that marks the ${word(lost.part)} is gone. Undo, or put this line back: ${mark(lost.part, id)}`,
    };
  }
  for (const { part, line } of starts) {
    const later = starts.filter((start) => start.line > line).map((start) => start.line);
    content[part] = trimBlankLines(lines.slice(line + 1, Math.min(lines.length, ...later)));
  }
  const empty = starts.filter(({ part }) => content[part].trim() === '').map(({ part }) => part);
  if (empty.length > 0) return { ok: false, message: emptyMessage(empty.map(word)) };
  return { ok: true, content };
}

/** The first line of a draft that waits for text: below the first empty part, else at the end. */
export function lineToFill(kind: DraftKind, id: string, text: string): number {
  const lines = text.split(/\r?\n/);
  for (const part of partsOf(kind)) {
    const start = lineOf(lines, part, id);
    const next = lines.findIndex((line, at) => at > start && line.trim() !== '');
    if (start >= 0 && (next < 0 || isMark(lines[next] ?? '', id))) {
      return Math.min(start + 2, lines.length - 1);
    }
  }
  return lines.length - 1;
}

/** The captured item that a complete draft stands for. */
export function itemOf(kind: DraftKind, { query, response }: DraftContent): Item {
  if (kind === 'turn') return { kind, query, response };
  return kind === 'query' ? { kind, query } : { kind, response };
}

const isMark = (line: string, id: string) => line.startsWith(`<!-- ${id} · `);

const word = (part: keyof typeof HINTS) => (part === 'query' ? 'question' : 'answer');

function lineOf(lines: string[], part: keyof typeof HINTS, id: string): number {
  const wanted = mark(part, id);
  return lines.findIndex((line) => line.trim() === wanted);
}

function emptyMessage(words: string[]): string {
  const which = words.join(' and the ');
  const verb = words.length === 1 ? 'is' : 'are';
  return `Not captured: the ${which} ${verb} empty. The draft is kept.`;
}

function trimBlankLines(lines: string[]): string {
  const kept = [...lines];
  while (kept.length > 0 && kept[0]?.trim() === '') kept.shift();
  while (kept.length > 0 && kept.at(-1)?.trim() === '') kept.pop();
  return kept.join('\n');
}
