import type { CountTokens } from './tokens.ts';

/** No text has more characters a token than this for long: a longer one need not be counted. */
const MOST_CHARACTERS_A_TOKEN = 8;
const CUT_MARK = '[cut]';
const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;

/** Tokens of a text, or Infinity for one that cannot fit `room`: it is not read to its end. */
export function tokensWithin(text: string, room: number, count: CountTokens): number {
  if (text.length > Math.max(0, room) * MOST_CHARACTERS_A_TOKEN) return Number.POSITIVE_INFINITY;
  return room < 0 ? Number.POSITIVE_INFINITY : count(text, room);
}

/** The fence that a text leaves open, or an empty text. */
function openFence(text: string): string {
  let open = '';
  for (const line of text.split('\n')) {
    const [, mark = '', info = ''] = FENCE.exec(line) ?? [];
    if (mark === '') continue;
    if (open === '') open = mark;
    else if (mark.startsWith(open) && info.trim() === '') open = '';
  }
  return open;
}

/** The text with its last code block closed, so that what comes after is not read as code. */
export function closed(text: string): string {
  const open = openFence(text);
  return open === '' ? text : `${text.trimEnd()}\n${open}`;
}

type Block = { text: string; isCode: boolean };

/** Paragraphs and code blocks, in order. */
function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let lines: string[] = [];
  let open = '';
  const end = (isCode: boolean) => {
    if (lines.length > 0) blocks.push({ text: lines.join('\n'), isCode });
    lines = [];
  };
  for (const line of text.split('\n')) {
    const [, mark = '', info = ''] = FENCE.exec(line) ?? [];
    if (open === '' && mark !== '') {
      end(false);
      open = mark;
      lines.push(line);
    } else if (open !== '') {
      lines.push(line);
      if (mark.startsWith(open) && info.trim() === '') {
        open = '';
        end(true);
      }
    } else if (line.trim() === '') end(false);
    else lines.push(line);
  }
  end(open !== '');
  return blocks;
}

/**
 * The beginning of a text that fits `room` tokens, marked as cut: whole paragraphs and code blocks.
 * Where not even the first fits, its first lines (a code block closed again), else words. Empty when
 * there is no room.
 */
export function cutToFit(text: string, room: number, count: CountTokens): string {
  const left = room - count(`\n\n${CUT_MARK}\n`);
  if (left <= 0) return '';
  const head = text.slice(0, left * MOST_CHARACTERS_A_TOKEN);
  const blocks = blocksOf(head);
  // What the slice itself has cut is no whole block.
  if (head.length < text.length && blocks.length > 1) blocks.pop();
  const kept = takeWhile(
    blocks.map((block) => block.text),
    '\n\n',
    left,
    count,
  );
  const [first] = blocks;
  const cut = kept !== '' || !first ? kept : cutBlock(first, left, count);
  return cut === '' ? '' : `${closed(cut)}\n\n${CUT_MARK}`;
}

function takeWhile(parts: string[], border: string, room: number, count: CountTokens): string {
  const kept: string[] = [];
  let left = room;
  for (const part of parts) {
    const tokens = tokensWithin(part + border, left, count);
    if (tokens > left) break;
    left -= tokens;
    kept.push(part);
  }
  return kept.join(border);
}

function cutBlock(block: Block, room: number, count: CountTokens): string {
  const lines = block.text.split('\n');
  const fence = block.isCode ? openFence(lines[0] ?? '') : '';
  const left = fence === '' ? room : room - count(`\n${fence}\n`);
  const kept = takeWhile(lines, '\n', left, count);
  // A fence alone says nothing.
  if (kept !== '' && kept !== lines[0]) return kept;
  return block.isCode ? '' : kept || words(lines[0] ?? '', room, count);
}

/** The first words of one long line. */
function words(line: string, room: number, count: CountTokens): string {
  let least = 0;
  let most = Math.min(line.length, room * MOST_CHARACTERS_A_TOKEN);
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (count(line.slice(0, middle), room) <= room) least = middle;
    else most = middle - 1;
  }
  const cut = line.slice(0, least).toWellFormed();
  const border = cut.lastIndexOf(' ');
  return border > cut.length * 0.7 ? cut.slice(0, border) : cut;
}
