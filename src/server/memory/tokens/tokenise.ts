import { bigrams, isCjk } from './cjk.ts';
import { splitCode } from './code.ts';
import { fold, isStopWord, MAX_TERM, stemWord } from './words.ts';

/** Raised whenever the same text gives other terms; stored rows of another version are made again. */
export const TOKENISER_VERSION = 1;

/** Characters of a message that are indexed. */
export const INDEXED_CHARACTERS = 100_000;

/** A run of what can be a word, an identifier, a path, a version, or of East Asian characters. */
const CHUNK = /[\p{L}\p{M}\p{N}_$@./\\:#'\u2019+-]+/gu;
const CJK_RUN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー]+/gu;
const EDGE = /^[^\p{L}\p{N}_]+|[^\p{L}\p{N}+#]+$/gu;
const WORDS = /[\p{L}\p{M}\p{N}]+(?:['\u2019][\p{L}\p{M}]+)*/gu;
/** Languages whose name ends in signs. */
const SHARP = /^[a-z](?:\+\+|#)$/i;
const EMOJI = /\p{Extended_Pictographic}/gu;

/**
 * The index terms of a text, in order, with repetitions. Stop words are left out; identifiers,
 * paths, error codes and versions come whole and in parts; East Asian text comes in pairs.
 */
export function tokenise(text: string): string[] {
  const terms: string[] = [];
  for (const [chunk] of text.slice(0, INDEXED_CHARACTERS).matchAll(CHUNK)) {
    for (const term of termsOf(chunk)) terms.push(term);
  }
  for (const [emoji] of text.slice(0, INDEXED_CHARACTERS).matchAll(EMOJI)) terms.push(emoji);
  return terms;
}

const MAX_CACHED = 50_000;
const MAX_CACHED_LENGTH = 32;
const cache = new Map<string, readonly string[]>();

/** The terms of a chunk; those of short ones are remembered, as most words come again and again. */
function termsOf(chunk: string): readonly string[] {
  const known = cache.get(chunk);
  if (known) return known;
  const terms: string[] = [];
  addChunk(chunk, terms);
  if (chunk.length <= MAX_CACHED_LENGTH) {
    if (cache.size >= MAX_CACHED) cache.clear();
    cache.set(chunk, terms);
  }
  return terms;
}

function addChunk(chunk: string, terms: string[]): void {
  if (isCjk(chunk)) {
    for (const [run] of chunk.matchAll(CJK_RUN)) terms.push(...bigrams(run));
    const rest = chunk.replace(CJK_RUN, ' ');
    for (const part of rest.split(/\s+/)) if (part) addChunk(part, terms);
    return;
  }
  const bare = chunk.replace(EDGE, '');
  if (bare === '') return;
  const code = splitCode(bare);
  if (code) {
    const whole = fold(code.whole);
    if (whole.length >= 2 && whole.length <= MAX_TERM) terms.push(whole);
    for (const part of code.parts) addWord(part, terms);
    return;
  }
  if (SHARP.test(bare)) {
    terms.push(bare.toLowerCase());
    return;
  }
  const words = [...bare.matchAll(WORDS)].map(([word]) => word);
  for (const word of words) addWord(word, terms);
  // "e-mail" and "email", "de-stress" and "destress" are written either way.
  if (words.length === 2 && bare.includes('-')) addWord(words.join(''), terms);
}

function addWord(written: string, terms: string[]): void {
  const word = fold(written);
  if (word.length > MAX_TERM || (isStopWord(word) && !/^\d$/.test(word))) return;
  const term = stemWord(word);
  if (term !== '') terms.push(term);
}
