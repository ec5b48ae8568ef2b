/** Words that every text has: to mark them would mark nothing. */
const COMMON = new Set(
  'a about an and are as at be but by can did do does for from had has have how i if in is it its me my not of on or our so than that the their them then there these they this to us was we were what when where which who why will with would you your'.split(
    ' ',
  ),
);
const ENDINGS = /(?:ings?|ed|ers?|es|s|e)$/;
const ALL_ENDINGS = '(?:ings?|ed|ers?|es|e|s)?';
const MIN_STEM = 4;

/**
 * Words of a question as they are looked for in a text, longest first: the common ones left out
 * (unless there is nothing else), with or without the endings of English.
 */
export function termsOf(query: string): string[] {
  const words = query.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? [];
  const telling = words.filter((word) => !COMMON.has(word));
  const terms = (telling.length > 0 ? telling : words).map(stemOf);
  return [...new Set(terms)].sort((a, b) => b.length - a.length);
}

/** A pattern for the words of a question, and for other forms of the longer ones; null for none. */
export function termPattern(query: string): RegExp | null {
  const terms = termsOf(query).map((term) => {
    // Short words are marked alone: "in" is no part of "mind".
    if (term.length < 3 && /^[\p{Script=Latin}\p{N}]+$/u.test(term)) {
      return `(?<![\\p{L}\\p{N}])${term}(?![\\p{L}\\p{N}])`;
    }
    return term.length >= MIN_STEM ? term + ALL_ENDINGS : term;
  });
  return terms.length > 0 ? new RegExp(terms.join('|'), 'giu') : null;
}

function stemOf(word: string): string {
  const stem = word.replace(ENDINGS, '');
  return stem.length >= MIN_STEM ? stem : word;
}
