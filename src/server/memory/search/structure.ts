import type { Parts, Weights } from './weights.ts';

/** A message that holds a term. */
export type Posting = {
  session: string;
  position: number;
  /** When it was said, milliseconds. */
  saidAt: number;
  /** Terms in the message. */
  length: number;
  /** Whether it ends with a question. */
  asks: boolean;
  /** How often the term is in it. */
  count: number;
};

/** A word of the question: who holds it, and who holds words like it (with how like, 0 to 1). */
export type MatchedTerm = {
  weight: number;
  exact: Posting[];
  similar: { likeness: number; postings: Posting[] }[];
};

/** A place in the conversations, and what makes it a likely answer. Scores are shares of 1. */
export type Candidate = {
  session: string;
  position: number;
  /** About when it was said, milliseconds. */
  saidAt: number;
  words: number;
  neighbours: number;
  meaning: number;
  sessionScore: number;
};

/** Sums of a term at one place: in the message itself, with its neighbours, with similar words. */
type Sums = { saidAt: number; own: number; exact: number; all: number };
type Match = { saidAt: number; asks: boolean; exact: number; similar: number };

/** Places are numbers, session times this plus position: maps by number are several times faster. */
const POSITIONS = 2 ** 24;

/**
 * Scores places by the words around them. Each term is counted in the message itself and, for less,
 * in its neighbours, and only then saturated: a place where different words of the question come
 * together beats one where the same word comes often. A neighbour may not exist; the caller sees.
 */
export function scorePlaces(
  terms: MatchedTerm[],
  averageLength: number,
  weights: Weights,
  parts: Parts,
): Candidate[] {
  const total = terms.reduce((sum, term) => sum + term.weight, 0);
  if (total <= 0) return [];
  const scoring = new Scoring(averageLength, weights, parts);
  for (const term of terms) scoring.add(term);
  return scoring.candidates(total);
}

class Scoring {
  readonly #averageLength: number;
  readonly #weights: Weights;
  readonly #parts: Parts;
  readonly #sessions = new Map<string, number>();
  readonly #names: string[] = [];
  readonly #sessionScores: number[] = [];
  readonly #places = new Map<number, Sums>();

  constructor(averageLength: number, weights: Weights, parts: Parts) {
    this.#averageLength = averageLength;
    this.#weights = weights;
    this.#parts = parts;
  }

  /** Adds what one term says of each place and session. */
  add(term: MatchedTerm): void {
    const matches = this.#matches(term);
    const sums = new Map<number, Sums>();
    const inSessions = new Map<number, number>();
    for (const [place, match] of matches) {
      const session = Math.floor(place / POSITIONS);
      const both = Math.max(match.exact, match.similar);
      inSessions.set(session, (inSessions.get(session) ?? 0) + both);
      this.#spread(sums, place, match);
    }
    for (const [session, sum] of inSessions) {
      const score = (term.weight * sum) / (sum + this.#weights.sessionSaturation);
      this.#sessionScores[session] = (this.#sessionScores[session] ?? 0) + score;
    }
    const { saturation } = this.#weights;
    for (const [place, sum] of sums) {
      const own = (term.weight * sum.own) / (sum.own + saturation);
      const exact = (term.weight * sum.exact) / (sum.exact + saturation);
      const all = (term.weight * sum.all) / (sum.all + saturation);
      const known = this.#places.get(place);
      if (known) {
        known.own += own;
        known.exact += exact;
        known.all += all;
      } else this.#places.set(place, { saidAt: sum.saidAt, own, exact, all });
    }
  }

  candidates(total: number): Candidate[] {
    const share = this.#parts.session ? this.#weights.session / total : 0;
    return [...this.#places].map(([place, sums]) => {
      const session = Math.floor(place / POSITIONS);
      return {
        session: this.#names[session] ?? '',
        position: place % POSITIONS,
        saidAt: sums.saidAt,
        words: sums.own / total,
        neighbours: (sums.exact - sums.own) / total,
        meaning: (sums.all - sums.exact) / total,
        sessionScore: share * (this.#sessionScores[session] ?? 0),
      };
    });
  }

  #matches(term: MatchedTerm): Map<number, Match> {
    const { lengthNormalisation, similar, similarZero } = this.#weights;
    const lengthen = lengthNormalisation / this.#averageLength;
    const normal = (length: number) => 1 - lengthNormalisation + lengthen * length;
    const matches = new Map<number, Match>();
    for (const posting of term.exact) {
      const match = this.#match(matches, posting);
      match.exact = Math.max(match.exact, posting.count / normal(posting.length));
    }
    for (const { likeness, postings } of this.#parts.meaning ? term.similar : []) {
      const share = (similar * (likeness - similarZero)) / (1 - similarZero);
      for (const posting of postings) {
        const match = this.#match(matches, posting);
        match.similar = Math.max(match.similar, share / normal(posting.length));
      }
    }
    return matches;
  }

  #match(matches: Map<number, Match>, posting: Posting): Match {
    let session = this.#sessions.get(posting.session);
    if (session === undefined) {
      session = this.#names.push(posting.session) - 1;
      this.#sessions.set(posting.session, session);
    }
    const place = session * POSITIONS + posting.position;
    let match = matches.get(place);
    if (!match) {
      match = { saidAt: posting.saidAt, asks: posting.asks, exact: 0, similar: 0 };
      matches.set(place, match);
    }
    return match;
  }

  /** A match counts where it is and, for less, in the messages after and before it. */
  #spread(sums: Map<number, Sums>, place: number, match: Match): void {
    const { after, before, answerOfQuestion } = this.#weights;
    addTo(sums, place, 1, match).own += match.exact;
    if (!this.#parts.neighbours) return;
    for (let step = 0; step < after.length; step += 1) {
      const more = step === 0 && match.asks ? answerOfQuestion : 1;
      addTo(sums, place + step + 1, (after[step] ?? 0) * more, match);
    }
    const room = Math.min(before.length, (place % POSITIONS) - 1);
    for (let step = 0; step < room; step += 1) {
      addTo(sums, place - step - 1, before[step] ?? 0, match);
    }
  }
}

function addTo(sums: Map<number, Sums>, place: number, share: number, match: Match): Sums {
  let sum = sums.get(place);
  if (!sum) {
    sum = { saidAt: match.saidAt, own: 0, exact: 0, all: 0 };
    sums.set(place, sum);
  }
  sum.exact += share * match.exact;
  sum.all += share * Math.max(match.exact, match.similar);
  return sum;
}
