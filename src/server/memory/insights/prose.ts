/** Characters of a message whose sentences are read. */
const READ = 50_000;
const MAX_SENTENCE = 300;

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const QUOTE_OR_TABLE = /^\s*(?:>|\|)/;
const INDENTED = /^(?: {4}|\t)(?!\s*(?:[-*+]|\d+[.)])\s)/;
const BULLET = /^\s*(?:#{1,6}|[-*+]|\d+[.)])?\s*(?:\[[ xX]\]\s*)?/;
const DONE = /^\s*[-*+]\s*\[[xX]\]/;
/** Text in quotes is somebody else's or an example; an apostrophe inside of a word is none. */
const QUOTED = /"[^"\n]*"|“[^”\n]*”|«[^»\n]*»|(?<![\p{L}\p{N}])'[^'\n]+'(?![\p{L}\p{N}])/gu;
const EMPHASIS = /\*\*|__|(?<![\p{L}\p{N}])[*_](?=\S)|(?<=\S)[*_](?![\p{L}\p{N}])/gu;
const SENTENCE_END = /(?<=[.!?…])["”)]?\s+(?=[\p{Lu}\p{N}`"“(])/u;

/**
 * The sentences that the author of a message says in plain words: no code blocks, no quotations, no
 * tables, no items ticked off. Marks of Markdown are taken away; inline code stays.
 */
export function sentencesOf(content: string): string[] {
  const sentences: string[] = [];
  let fence = '';
  for (const line of content.slice(0, READ).split(/\r?\n/)) {
    const mark = FENCE.exec(line)?.[1];
    if (fence !== '') {
      if (mark?.startsWith(fence)) fence = '';
      continue;
    }
    if (mark) {
      fence = mark;
      continue;
    }
    if (QUOTE_OR_TABLE.test(line) || INDENTED.test(line) || DONE.test(line)) continue;
    const plain = line.replace(BULLET, '').replace(EMPHASIS, '');
    for (const sentence of plain.split(SENTENCE_END)) {
      const text = sentence.trim();
      if (text.length >= 6 && text.length <= MAX_SENTENCE) sentences.push(text);
    }
  }
  return sentences;
}

/** A sentence without what it quotes, to judge what it says itself. */
export function withoutQuotes(sentence: string): string {
  return sentence.replace(QUOTED, ' … ');
}
