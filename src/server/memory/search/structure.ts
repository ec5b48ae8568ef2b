import { PlaceTable } from './placeTable.ts';
import { noonOf, type Postings } from './postings.ts';
import type { Parts, Weights } from './weights.ts';

/** A word of the question: who holds it, and who holds words like it (with how like, 0 to 1). */
export type MatchedTerm = {
  weight: number;
  exact: Postings | undefined;
  similar: { likeness: number; postings: Postings | undefined }[];
};

/** A place in the conversations, and what makes it a likely answer. Scores are shares of 1. */
export type Candidate = {
  /** Key of the session. */
  session: number;
  position: number;
  /** About when it was said, milliseconds. */
  saidAt: number;
  words: number;
  neighbours: number;
  meaning: number;
  sessionScore: number;
};

/** Places are numbers, session times this plus position. */
const POSITIONS = 2 ** 24;

/** What a term that comes often counts, about the mean of the counts from three. */
const OFTEN = 4;

/** Columns: what a message holds of a term, by itself and by similar words; whether it asks. */
const EXACT = 0;
const SIMILAR = 1;
const ASKS = 2;
/** Columns: sums at a place of the message itself, with its neighbours, with similar words. */
const OWN = 0;
const NEAR = 1;
const ALL = 2;
/** Column of both: about when, milliseconds. */
const SAID_AT = 3;

export type ScoreOptions = {
  averageLength: number;
  weights: Weights;
  parts: Parts;
  /** How many places are wanted. */
  count: number;
  /** What a time (milliseconds) adds to a score. */
  timeScore: (saidAt: number) => number;
};

/**
 * The best places by the words around them. Each term is counted in the message itself and, for
 * less, in its neighbours, and only then saturated: a place where different words of the question
 * come together beats one where the same word comes often. A neighbour may not exist; the caller
 * sees.
 */
export function bestPlaces(terms: MatchedTerm[], options: ScoreOptions): Candidate[] {
  const total = terms.reduce((sum, term) => sum + term.weight, 0);
  if (total <= 0) return [];
  const scoring = new Scoring(options);
  for (const term of terms) scoring.add(term);
  return scoring.best(total);
}

/** Made once: a search uses them from beginning to end without waiting for anything. */
const allSums = new PlaceTable(4);
const termMatches = new PlaceTable(4);
const termSums = new PlaceTable(4);

class Scoring {
  readonly #options: ScoreOptions;
  /** A number for each session, small so that places are integers, and the keys by it. */
  readonly #sessions = new Map<number, number>();
  readonly #keys: number[] = [];
  readonly #sessionScores: number[] = [];
  readonly #places = allSums;
  /** Of the term at hand. */
  readonly #matches = termMatches;
  readonly #sums = termSums;

  constructor(options: ScoreOptions) {
    this.#options = options;
    this.#places.clear();
  }

  /** Adds what one term says of each place and session. */
  add(term: MatchedTerm): void {
    const { saturation, sessionSaturation } = this.#options.weights;
    this.#matches.clear();
    this.#sums.clear();
    this.#match(term);
    const inSessions = new Map<number, number>();
    this.#matches.forEach((slot) => {
      const session = Math.floor(this.#matches.place(slot) / POSITIONS);
      const both = Math.max(this.#matches.get(slot, EXACT), this.#matches.get(slot, SIMILAR));
      inSessions.set(session, (inSessions.get(session) ?? 0) + both);
      this.#spread(slot);
    });
    for (const [session, sum] of inSessions) {
      const score = (term.weight * sum) / (sum + sessionSaturation);
      this.#sessionScores[session] = (this.#sessionScores[session] ?? 0) + score;
    }
    this.#sums.forEach((slot) => {
      const to = this.#places.slotOf(this.#sums.place(slot));
      for (let column = OWN; column <= ALL; column += 1) {
        const sum = this.#sums.get(slot, column);
        this.#places.add(to, column, (term.weight * sum) / (sum + saturation));
      }
      this.#places.set(to, SAID_AT, this.#sums.get(slot, SAID_AT));
    });
  }

  /** The best places; `total` is the weight of all terms. */
  best(total: number): Candidate[] {
    const { parts, weights, count, timeScore } = this.#options;
    const share = parts.session ? weights.session / total : 0;
    const sessionScore = (slot: number) =>
      share * (this.#sessionScores[Math.floor(this.#places.place(slot) / POSITIONS)] ?? 0);
    const slots = new Int32Array(this.#places.size);
    const scores = new Float64Array(this.#places.size);
    let found = 0;
    this.#places.forEach((slot) => {
      slots[found] = slot;
      scores[found++] =
        this.#places.get(slot, ALL) / total +
        sessionScore(slot) +
        timeScore(this.#places.get(slot, SAID_AT));
    });
    // Thousands of places, of which a few are wanted: only those are put into order.
    const least = scores.slice().sort()[Math.max(0, found - count)] ?? 0;
    const best = [...slots.keys()].filter((index) => (scores[index] ?? 0) >= least);
    best.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
    return best.slice(0, count).map((index) => {
      const slot = slots[index] ?? 0;
      const place = this.#places.place(slot);
      const [own, near, all] = [OWN, NEAR, ALL].map((column) => this.#places.get(slot, column));
      return {
        session: this.#keys[Math.floor(place / POSITIONS)] ?? 0,
        position: place % POSITIONS,
        saidAt: this.#places.get(slot, SAID_AT),
        words: (own ?? 0) / total,
        neighbours: ((near ?? 0) - (own ?? 0)) / total,
        meaning: ((all ?? 0) - (near ?? 0)) / total,
        sessionScore: sessionScore(slot),
      };
    });
  }

  #match(term: MatchedTerm): void {
    const { averageLength, parts, weights } = this.#options;
    const { lengthNormalisation, similar, similarZero } = weights;
    const lengthen = lengthNormalisation / averageLength;
    const raise = (postings: Postings, column: number, once: number, often: number) => {
      for (let index = 0; index < postings.count; index += 1) {
        const slot = this.#matches.slotOf(this.#placeOf(postings, index));
        const length = postings.length[index] ?? 0;
        const counts = postings.often[index] === 1 ? often : once;
        const value = counts / (1 - lengthNormalisation + lengthen * length);
        this.#matches.set(slot, column, Math.max(this.#matches.get(slot, column), value));
        this.#matches.set(slot, ASKS, postings.asks[index] ?? 0);
        this.#matches.set(slot, SAID_AT, noonOf(postings.day[index] ?? 0));
      }
    };
    if (term.exact) raise(term.exact, EXACT, 1, OFTEN);
    for (const { likeness, postings } of parts.meaning ? term.similar : []) {
      const share = (similar * (likeness - similarZero)) / (1 - similarZero);
      if (postings) raise(postings, SIMILAR, share, share);
    }
  }

  #placeOf(postings: Postings, index: number): number {
    const key = postings.session[index] ?? 0;
    let session = this.#sessions.get(key);
    if (session === undefined) {
      session = this.#keys.push(key) - 1;
      this.#sessions.set(key, session);
    }
    return session * POSITIONS + (postings.position[index] ?? 0);
  }

  /** A match counts where it is and, for less, in the messages after and before it. */
  #spread(match: number): void {
    const { parts, weights } = this.#options;
    const { after, before, answerOfQuestion } = weights;
    const place = this.#matches.place(match);
    const exact = this.#matches.get(match, EXACT);
    const all = Math.max(exact, this.#matches.get(match, SIMILAR));
    const saidAt = this.#matches.get(match, SAID_AT);
    const give = (to: number, share: number) => {
      const slot = this.#sums.slotOf(to);
      if (this.#sums.get(slot, SAID_AT) === 0) this.#sums.set(slot, SAID_AT, saidAt);
      this.#sums.add(slot, NEAR, share * exact);
      this.#sums.add(slot, ALL, share * all);
      return slot;
    };
    this.#sums.add(give(place, 1), OWN, exact);
    if (!parts.neighbours) return;
    const asks = this.#matches.get(match, ASKS) === 1;
    for (let step = 0; step < after.length; step += 1) {
      give(place + step + 1, (after[step] ?? 0) * (step === 0 && asks ? answerOfQuestion : 1));
    }
    const room = Math.min(before.length, (place % POSITIONS) - 1);
    for (let step = 0; step < room; step += 1) give(place - step - 1, before[step] ?? 0);
  }
}
