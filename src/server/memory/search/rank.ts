import type { MemoryParts } from '../../../contracts/memory.ts';
import type { Similar } from '../meaning/wordTable.ts';
import { fuse, type Passage, sumOf } from './fuse.ts';
import { planTerms, type PlannedTerm } from './plan.ts';
import type { Question } from './question.ts';
import { type Candidate, type MatchedTerm, type Posting, scorePlaces } from './structure.ts';
import { allParts, type Parts, type Weights } from './weights.ts';

/** How often terms are in what is searched. */
export type Frequencies = {
  messages: number;
  averageLength: number;
  of: Map<string, number>;
};

/** A stored passage with the place it is at and the common terms of the question that it has. */
export type PlacedPassage = Passage & {
  id: string;
  session: string;
  position: number;
  common: string[];
};

/** What the ranking reads from where the index is kept. */
export interface IndexReader {
  frequencies(terms: string[]): Promise<Frequencies>;
  /** The messages that hold each term, at most `limit` for one term. */
  postings(terms: string[], limit: number): Promise<Map<string, Posting[]>>;
  /** The messages at these places, as far as there are any, with which of `common` they hold. */
  passages(
    places: { session: string; position: number }[],
    common: string[],
  ): Promise<PlacedPassage[]>;
}

export type Ranked = { id: string; score: number; parts: MemoryParts };
export type RankOptions = {
  weights: Weights;
  parts?: Parts;
  similar: (term: string, least: number) => Similar[];
};

/** Places that are looked at closely. */
const FINALISTS = 120;
/** Messages that the terms of a question may bring, so that a common word costs nothing. */
export const BUDGET = 4_000;

/** The messages that answer a question best, best first. */
export async function rank(
  reader: IndexReader,
  question: Question,
  options: RankOptions,
): Promise<Ranked[]> {
  const parts = options.parts ?? allParts;
  const wanted = question.terms.map(({ term, name }) => ({
    term,
    similar: parts.meaning && !name ? options.similar(term, options.weights.similarFrom) : [],
  }));
  const asked = [...new Set(wanted.flatMap((t) => [t.term, ...t.similar.map((s) => s.term)]))];
  const frequencies = await reader.frequencies(asked);
  const plan = planTerms(question, wanted, frequencies, options.weights, BUDGET);
  if (plan.fetched.length === 0) return [];
  const postings = await reader.postings(plan.fetched, BUDGET);
  const matched = plan.terms.filter((term) => !term.common).map((term) => match(term, postings));
  const candidates = scorePlaces(matched, frequencies.averageLength, options.weights, parts);
  const finalists = best(candidates, FINALISTS);
  const common = plan.terms.filter((term) => term.common);
  const passages = await reader.passages(finalists, common.map(({ term }) => term));
  const places = new Map(finalists.map((place) => [key(place), place]));
  return passages
    .flatMap((passage) => {
      const place = places.get(key(passage));
      if (!place) return [];
      const scores = fuse(place, passage, question, options.weights, parts);
      addCommon(scores, passage, plan.terms, options.weights);
      return { id: passage.id, score: sumOf(scores), parts: scores };
    })
    .sort((a, b) => b.score - a.score);
}

function key(place: { session: string; position: number }): string {
  return `${place.session} ${place.position}`;
}

function match(planned: PlannedTerm, postings: Map<string, Posting[]>): MatchedTerm {
  return {
    weight: planned.weight,
    exact: postings.get(planned.term) ?? [],
    similar: planned.similar.map(({ term, likeness }) => ({
      likeness,
      postings: postings.get(term) ?? [],
    })),
  };
}

function best(candidates: Candidate[], count: number): Candidate[] {
  const total = (c: Candidate) => c.words + c.neighbours + c.meaning + c.sessionScore;
  return candidates.sort((a, b) => total(b) - total(a)).slice(0, count);
}

/** Words too common to be looked for count in the messages that the others have brought. */
function addCommon(
  scores: MemoryParts,
  passage: PlacedPassage,
  terms: PlannedTerm[],
  weights: Weights,
): void {
  const all = terms.reduce((sum, term) => sum + term.weight, 0);
  const fetched = terms.reduce((sum, term) => sum + (term.common ? 0 : term.weight), 0);
  if (fetched === all) return;
  const share = fetched / all;
  scores.words *= share;
  scores.neighbours *= share;
  scores.meaning *= share;
  scores.session *= share;
  for (const term of terms) {
    if (!term.common || !passage.common.includes(term.term)) continue;
    scores.words += term.weight / (1 + weights.saturation) / all;
  }
}
