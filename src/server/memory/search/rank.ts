import type { RankedParts } from '../../../contracts/memory.ts';
import type { Similar } from '../meaning/wordTable.ts';
import type { Span } from '../time/spans.ts';
import { fuse, type Passage, saidAtScore, sumOf } from './fuse.ts';
import { type PlannedTerm, planTerms } from './plan.ts';
import type { Postings } from './postings.ts';
import type { Question } from './question.ts';
import { bestPlaces, type Candidate, type MatchedTerm } from './structure.ts';
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
  session: number;
  position: number;
  common: string[];
};

/** A place in the conversations. */
export type Place = {
  /** Key of the session. */
  session: number;
  position: number;
};

/** What the ranking reads from where the index is kept. */
export interface IndexReader {
  frequencies(terms: string[]): Promise<Frequencies>;
  /** The messages that hold each term; about the latest `limit` of one term. */
  postings(terms: string[], limit: number): Promise<Map<string, Postings>>;
  /** The latest messages of each of these stretches of time, at most `limit`. */
  inTimes(spans: Span[], limit: number): Promise<Place[]>;
  /** The messages at these places, as far as there are any, with which of `common` they hold. */
  passages(places: Place[], common: string[]): Promise<PlacedPassage[]>;
}

export type Ranked = { id: string; score: number; parts: RankedParts };
export type RankOptions = {
  weights: Weights;
  /** How many messages are asked for. */
  wanted: number;
  parts?: Parts;
  similar: (term: string, least: number) => Similar[];
  /** The places nearest by an embedding model, with how near (0 to 1), while one is switched on. */
  nearest?: readonly (Place & { likeness: number })[] | undefined;
};

/** Similar words of one word that are considered. */
const SIMILAR = 12;
/** Places that are looked at closely, at least. */
const FINALISTS = 50;
/** Messages that the terms of a question may bring, so that a common word costs nothing. */
export const BUDGET = 2_000;

/** The messages that answer a question best, best first. */
export async function rank(
  reader: IndexReader,
  question: Question,
  options: RankOptions,
): Promise<Ranked[]> {
  const parts = options.parts ?? allParts;
  const count = Math.max(FINALISTS, options.wanted);
  const wanted = question.terms.map(({ term, name }) => ({
    term,
    similar:
      parts.meaning && !name
        ? options.similar(term, options.weights.similarFrom).slice(0, SIMILAR)
        : [],
  }));
  const asked = [...new Set(wanted.flatMap((t) => [t.term, ...t.similar.map((s) => s.term)]))];
  const frequencies = await reader.frequencies(asked);
  const plan = planTerms(question, wanted, frequencies, options.weights, BUDGET);
  const postings =
    plan.fetched.length > 0 ? await reader.postings(plan.fetched, BUDGET) : new Map();
  const matched = plan.terms.filter((term) => !term.common).map((term) => match(term, postings));
  const finalists = bestPlaces(matched, {
    averageLength: frequencies.averageLength,
    weights: options.weights,
    parts,
    count,
    timeScore: (saidAt) => (parts.time ? saidAtScore(saidAt, question, options.weights) : 0),
  });
  if (parts.time && question.times.length > 0 && finalists.length < count) {
    const more = await reader.inTimes(question.times, count - finalists.length);
    finalists.push(...more.map(withoutWords));
  }
  const { nearest } = options;
  if (nearest) finalists.push(...nearest.map(withoutWords));
  const likeness = new Map(nearest?.map((near) => [key(near), near.likeness]));
  const common = plan.terms.filter((term) => term.common);
  // A place found by its words and in another way is the one with the words.
  const places = new Map<string, Candidate>();
  for (const place of finalists) if (!places.has(key(place))) places.set(key(place), place);
  const passages = await reader.passages(
    [...places.values()],
    common.map(({ term }) => term),
  );
  const ranked = passages
    .flatMap((passage) => {
      const place = places.get(key(passage));
      if (!place) return [];
      const scores = fuse(place, passage, question, options.weights, parts);
      addCommon(scores, passage, plan.terms, options.weights);
      if (nearest) {
        scores.embedding = options.weights.embedding * (likeness.get(key(passage)) ?? 0);
      }
      return { id: passage.id, score: sumOf(scores), parts: scores };
    })
    .sort((a, b) => b.score - a.score);
  if (question.asks) return ranked;
  const holding = ranked.filter(({ parts: { words } }) => words > 0);
  return holding.length > 0 ? holding : ranked;
}

function key(place: Place): string {
  return `${place.session} ${place.position}`;
}

function match(planned: PlannedTerm, postings: Map<string, Postings>): MatchedTerm {
  return {
    weight: planned.weight,
    exact: postings.get(planned.term),
    similar: planned.similar.map(({ term, likeness }) => ({
      likeness,
      postings: postings.get(term),
    })),
  };
}

/** A message found by its time or by the embedding model, without a word of the question. */
function withoutWords(place: Place): Candidate {
  const { session, position } = place;
  return { session, position, saidAt: 0, words: 0, neighbours: 0, meaning: 0, sessionScore: 0 };
}

/** Words too common to be looked for count in the messages that the others have brought. */
function addCommon(
  scores: RankedParts,
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
