import { tokenise } from '../tokens/tokenise.ts';

/** A decision, read: what was chosen, what for, and what it puts aside. */
export type Decision = { choice: Set<string>; subject: Set<string>; dropped: Set<string> };

/** Words of deciding and of the sentence around it: none of them is what was decided. */
const GENERAL = new Set(
  tokenise(
    'decision decided decide agreed agree settled opted chose go going stick sticking use using used adopt drop keep switch switched migrated migrate final finally team now just instead let longer will',
  ),
);
const SUBJECT =
  /\b(?:for|as)\s+(?:(?:the|our|my|all|its|an?)\s+)*([^,.;:()]{2,60}?)(?=\s+(?:because|since|so|and|but|instead|rather|from|over|until|when|with|to)\b|[,.;:()]|$)/i;
const SUBJECT_FIRST = /^(?:for|as)\s+(?:(?:the|our|my|all)\s+)*([^,.;:]{2,60}?),/i;
const DROPPED =
  /\b(?:instead of|rather than|(?:switched|migrated|moved)(?:\s+\w+)?\s+from|no longer use|not use|drop|decided against|replac(?:es|ed|ing))\s+(?:(?:the|our|an?)\s+)*([^,.;:()]{2,50}?)(?=\s+(?:to|for|as|because|since|so|and|but|with|in favou?r)\b|[,.;:()]|$)/gi;
const BECAUSE = /\b(?:because|since|so that|as it)\b.*$/i;

function terms(text: string): Set<string> {
  return new Set(tokenise(text).filter((term) => !GENERAL.has(term)));
}

/** Reads a sentence that the rules took for a decision. */
export function readDecision(sentence: string): Decision {
  const said = sentence.replace(BECAUSE, '');
  const dropped = new Set<string>();
  let rest = said;
  for (const [whole, what] of said.matchAll(DROPPED)) {
    for (const term of terms(what ?? '')) dropped.add(term);
    rest = rest.replace(whole, ' ');
  }
  const [whole, what] = SUBJECT_FIRST.exec(rest) ?? SUBJECT.exec(rest) ?? [];
  const subject = terms(what ?? '');
  if (whole) rest = rest.replace(whole, ' ');
  return { choice: terms(rest), subject, dropped };
}

const within = (inner: Set<string>, outer: Set<string>) => [...inner].every((t) => outer.has(t));
const equal = (a: Set<string>, b: Set<string>) => a.size === b.size && within(a, b);

/**
 * Whether a later decision takes the place of an earlier one: it says that what was chosen is put
 * aside, or it chooses something else for the same subject. In doubt it does not.
 */
export function replaces(later: Decision, earlier: Decision): boolean {
  const other = later.subject.size === 0 || earlier.subject.size === 0;
  const sameSubject = !other && equal(later.subject, earlier.subject);
  if (
    later.dropped.size > 0 &&
    within(later.dropped, earlier.choice) &&
    (other || sameSubject || within(later.subject, earlier.subject))
  ) {
    return true;
  }
  return sameSubject && later.choice.size > 0 && !equal(later.choice, earlier.choice);
}
