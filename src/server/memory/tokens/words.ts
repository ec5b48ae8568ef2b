import stem from 'wink-porter2-stemmer';
import { irregularForms } from './irregularForms.ts';
import { stopWords } from './stopWords.ts';

const MAX_CACHED = 50_000;
const cache = new Map<string, string>();

/** Longest term kept; what is longer is most often a key, a digest or encoded data. */
export const MAX_TERM = 64;

/** Lower case without accents: `Café` is `cafe`. Compatibility forms are folded too. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[\u2018\u2019\u02BC]/g, "'")
    .normalize('NFC');
}

/** The index term of a folded word: its base form's stem. */
export function stemWord(word: string): string {
  const known = cache.get(word);
  if (known !== undefined) return known;
  const bare = word.replace(/'s?$/, '').replaceAll("'", '');
  const base = irregularForms.get(bare) ?? bare;
  const term = /^[a-z]{3,}$/.test(base) ? stem(base) : base;
  const joined = irregularForms.get(term) ?? term;
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(word, joined);
  return joined;
}

/** Whether a folded word is left out of the index. */
export function isStopWord(word: string): boolean {
  return stopWords.has(word) || word.length < 2;
}
