import stem from 'wink-porter2-stemmer';
import { irregularForms } from './irregularForms.ts';
import { stopWords } from './stopWords.ts';

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
  const bare = word.replace(/'s?$/, '').replaceAll("'", '');
  const base = irregularForms.get(bare) ?? bare;
  const term = /^[a-z]{3,}$/.test(base) ? stem(base) : base;
  return irregularForms.get(term) ?? term;
}

/** Whether a folded word is left out of the index. */
export function isStopWord(word: string): boolean {
  return stopWords.has(word) || word.length < 2;
}
