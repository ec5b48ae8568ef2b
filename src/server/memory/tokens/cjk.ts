const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** Whether the text has Chinese, Japanese or Korean characters, which are written without spaces. */
export function isCjk(text: string): boolean {
  return CJK.test(text);
}

/** Each pair of neighbouring characters; a single character stands for itself. */
export function bigrams(run: string): string[] {
  const characters = [...run.normalize('NFKC').toLowerCase()];
  if (characters.length < 2) return characters;
  return characters.slice(1).map((next, index) => `${characters[index]}${next}`);
}
