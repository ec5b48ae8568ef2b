import { labelOf, type Role } from './roles.ts';

export type Part = { role: Role; text: string };

/** What to store, in order; a question or an answer that has no partner stands alone. */
export type Item =
  | { kind: 'turn'; query: string; response: string }
  | { kind: 'query'; query: string }
  | { kind: 'response'; response: string };

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
/** What exports put above the first message: a title, "_Exported on …_", a rule, a comment. */
const BOILERPLATE = /^\s*(#{1,3} .*|_.*_|[-*_]{3,}|<!--.*-->)?\s*$/;

/**
 * The labelled parts of a copied conversation ("User:", "**Cursor**", "ChatGPT said:", …), labels
 * and separators removed, or null when the text has none. Labels inside code fences are text.
 */
export function labelledParts(text: string): Part[] | null {
  return partsBy(text, false) ?? bothRoles(partsBy(text, true));
}

function bothRoles(parts: Part[] | null): Part[] | null {
  return parts && new Set(parts.map((part) => part.role)).size === 2 ? parts : null;
}

function partsBy(text: string, weak: boolean): Part[] | null {
  const preamble: string[] = [];
  const parts: { role: Role; lines: string[] }[] = [];
  let fence: string | null = null;
  // Only the labels go: line ends inside of a message stay what they are.
  for (const line of text.split('\n')) {
    const label = fence ? null : labelOf(line.replace(/\r$/, ''), weak);
    if (label) {
      parts.push({ role: label.role, lines: label.rest ? [label.rest] : [] });
      continue;
    }
    fence = nextFence(fence, line);
    (parts.at(-1)?.lines ?? preamble).push(line);
  }
  const first = parts[0];
  if (!first) return null;
  if (!preamble.every((line) => BOILERPLATE.test(line))) {
    // Text above "Assistant:" is the question; above "User:" it shows that this is no conversation.
    if (first.role === 'user') return null;
    parts.unshift({ role: 'user', lines: preamble });
  }
  return merged(parts.map(({ role, lines }) => ({ role, text: withoutRules(lines) })));
}

function nextFence(open: string | null, line: string): string | null {
  const mark = FENCE.exec(line)?.[1];
  if (!mark) return open;
  if (!open) return mark;
  const closes = mark[0] === open[0] && mark.length >= open.length && line.trim() === mark;
  return closes ? null : open;
}

/** Exports put a rule between messages; it belongs to neither. */
function withoutRules(lines: string[]): string {
  const kept = [...lines];
  while (kept.length > 0 && /^\s*(-{3,})?\s*$/.test(kept.at(-1) ?? '')) kept.pop();
  while (kept.length > 0 && kept[0]?.trim() === '') kept.shift();
  return kept.join('\n').replace(/\r$/, '');
}

function merged(parts: Part[]): Part[] {
  const result: Part[] = [];
  for (const part of parts.filter(({ text }) => text.trim() !== '')) {
    const last = result.at(-1);
    if (last?.role === part.role) last.text += `\n\n${part.text}`;
    else result.push({ ...part });
  }
  return result;
}

/** Pairs each question with the answer that follows it. */
export function pairParts(parts: Part[]): Item[] {
  const items: Item[] = [];
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index];
    const next = parts[index + 1];
    if (part?.role === 'assistant') items.push({ kind: 'response', response: part.text });
    else if (part && next?.role === 'assistant') {
      items.push({ kind: 'turn', query: part.text, response: next.text });
      index += 1;
    } else if (part) items.push({ kind: 'query', query: part.text });
  }
  return items;
}

/** The text of one message without the label that was copied with it. */
export function withoutLabel(text: string): string {
  const parts = labelledParts(text);
  return parts?.length === 1 && parts[0] ? parts[0].text : text;
}

/** "2 turns and 1 open question", for people. */
export function describeItems(items: Item[]): string {
  const count = (kind: Item['kind'], one: string) => {
    const number = items.filter((item) => item.kind === kind).length;
    return number === 0 ? [] : [`${number} ${one}${number === 1 ? '' : 's'}`];
  };
  const parts = [
    ...count('turn', 'turn'),
    ...count('query', 'open question'),
    ...count('response', 'answer'),
  ];
  return parts.join(' and ');
}
