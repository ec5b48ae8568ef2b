import { contentHash } from '../content.ts';

/** Shorter texts than this come often by chance: that one holds another proves nothing. */
const TELLING = 40;

/** A text and what is compared of it; each form is made when it is first asked for. */
export class Wording {
  readonly text: string;
  #folded: string | undefined;
  #paragraphs: string[] | undefined;
  #hash: string | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** The text in NFC, trimmed, each run of white space one blank. */
  get folded(): string {
    this.#folded ??= fold(this.text);
    return this.#folded;
  }

  /** Its paragraphs, folded, those without text left out. */
  get paragraphs(): readonly string[] {
    this.#paragraphs ??= this.text
      .split(/\r?\n[^\S\n]*\r?\n/)
      .map(fold)
      .filter((part) => part !== '');
    return this.#paragraphs;
  }

  /** What `content_hash` says of it. A text has one role, so one hash. */
  hash(role: 'user' | 'assistant'): string {
    this.#hash ??= contentHash(role, this.text);
    return this.#hash;
  }

  get telling(): boolean {
    return this.folded.length >= TELLING;
  }
}

function fold(text: string): string {
  return text.normalize('NFC').replace(/\s+/g, ' ').trim();
}

/** Whether two texts say the same in the same words. */
export function same(one: Wording, other: Wording): boolean {
  return one.text === other.text || one.folded === other.folded;
}

/**
 * Whether `small` is an earlier or shorter version of `big`: its beginning, or some of its
 * paragraphs in their order, the last of them perhaps cut off.
 */
export function isPartOf(small: Wording, big: Wording): boolean {
  if (small.folded.length > big.folded.length) return false;
  if (big.folded.startsWith(small.folded)) return true;
  if (small.telling && big.folded.includes(small.folded)) return true;
  const parts = small.paragraphs;
  let at = 0;
  for (const paragraph of big.paragraphs) {
    const part = parts[at];
    if (part === undefined) break;
    const last = at === parts.length - 1;
    if (paragraph === part || (last && part.length > 0 && paragraph.startsWith(part))) at += 1;
  }
  return at === parts.length;
}

/** Whether two texts have the same paragraphs, in whatever order. */
export function permutes(one: Wording, other: Wording): boolean {
  if (one.folded.length !== other.folded.length) return false;
  const sorted = (text: Wording) => text.paragraphs.toSorted().join('\n');
  return sorted(one) === sorted(other);
}

/** Whether two texts have a paragraph in common that is long enough to tell. */
export function shareParagraph(one: Wording, other: Wording): boolean {
  const known = new Set(one.paragraphs.filter((part) => part.length >= TELLING));
  return other.paragraphs.some((part) => known.has(part));
}

/** How often `part` comes in `whole`, as paragraphs in a row or, when telling, inside of one. */
export function occurrences(part: Wording, whole: Wording): number {
  const wanted = part.paragraphs;
  const given = whole.paragraphs;
  let count = 0;
  for (let at = 0; wanted.length > 0 && at + wanted.length <= given.length; ) {
    const hit = wanted.every((paragraph, index) => paragraph === given[at + index]);
    if (hit) count += 1;
    at += hit ? wanted.length : 1;
  }
  if (count > 0 || !part.telling) return count;
  return whole.folded.split(part.folded).length - 1;
}
