import type { Similar } from '../meaning/wordTable.ts';
import type { Question } from './question.ts';
import type { Frequencies } from './rank.ts';
import type { Weights } from './weights.ts';

/** A word of the question that is looked for. */
export type PlannedTerm = {
  term: string;
  /** Its rarity. */
  weight: number;
  similar: Similar[];
  /** Too common: it brings no messages, it only counts in those that others bring. */
  common: boolean;
};
export type Plan = { terms: PlannedTerm[]; fetched: string[] };

/** Similar words of one term that are looked for, and of all terms together. */
const SIMILAR_OF_ONE = 8;
const SIMILAR_OF_ALL = 8;

/**
 * Which terms bring messages: the rarest, until they bring `budget`; then similar words, nearest
 * first, as long as there is room. What nobody has ever said is left out.
 */
export function planTerms(
  question: Question,
  wanted: { term: string; similar: Similar[] }[],
  frequencies: Frequencies,
  weights: Weights,
  budget: number,
): Plan {
  const frequency = (term: string) => frequencies.of.get(term) ?? 0;
  const timed = new Set(question.terms.filter((term) => term.timed).map(({ term }) => term));
  const terms = wanted
    .map(
      ({ term, similar }): PlannedTerm => ({
        term,
        weight:
          rarity(frequency(term), frequencies.messages) ** weights.rarity *
          (timed.has(term) ? weights.timeWords : 1),
        similar: similar.filter((other) => frequency(other.term) > 0).slice(0, SIMILAR_OF_ONE),
        common: false,
      }),
    )
    .filter((term) => frequency(term.term) > 0 || term.similar.length > 0);
  let room = budget;
  const fetched = new Set<string>();
  for (const term of [...terms].sort((a, b) => frequency(a.term) - frequency(b.term))) {
    term.common = fetched.size > 0 && frequency(term.term) > room;
    if (term.common || frequency(term.term) === 0) continue;
    fetched.add(term.term);
    room -= frequency(term.term);
  }
  const others = terms
    .filter((term) => !term.common)
    .flatMap((term) => term.similar)
    .sort((a, b) => b.likeness - a.likeness);
  let left = SIMILAR_OF_ALL;
  for (const { term } of others) {
    if (left === 0 || fetched.has(term) || frequency(term) > room) continue;
    fetched.add(term);
    room -= frequency(term);
    left -= 1;
  }
  return { terms, fetched: [...fetched] };
}

/** Inverse document frequency, above 0. */
function rarity(messages: number, all: number): number {
  return Math.log(1 + (Math.max(all, messages) - messages + 0.5) / (messages + 0.5));
}
