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

type Sums = { saidAt: number; own: number; exact: number; all: number };
type Place = {
  position: number;
  saidAt: number;
  words: number;
  neighbours: number;
  meaning: number;
};
type Session = { places: Map<number, Place>; score: number };

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
  const sessions = new Map<string, Session>();
  for (const term of terms) addTerm(term, sessions, averageLength, weights, parts);
  const candidates: Candidate[] = [];
  for (const [session, { places, score }] of sessions) {
    const sessionScore = parts.session ? (weights.session * score) / total : 0;
    for (const place of places.values()) {
      candidates.push({
        session,
        position: place.position,
        saidAt: place.saidAt,
        words: place.words / total,
        neighbours: place.neighbours / total,
        meaning: place.meaning / total,
        sessionScore,
      });
    }
  }
  return candidates;
}

function addTerm(
  term: MatchedTerm,
  sessions: Map<string, Session>,
  averageLength: number,
  weights: Weights,
  parts: Parts,
): void {
  const shrink = 1 - weights.lengthNormalisation;
  const lengthen = weights.lengthNormalisation / averageLength;
  const normal = (posting: Posting) => posting.count / (shrink + lengthen * posting.length);
  const found = new Map<string, Map<number, Match>>();
  for (const posting of term.exact) {
    matchAt(found, posting).exact = normal(posting);
  }
  for (const { likeness, postings } of parts.meaning ? term.similar : []) {
    const { similar, similarZero } = weights;
    const share = (similar * (likeness - similarZero)) / (1 - similarZero);
    for (const posting of postings) {
      const match = matchAt(found, posting);
      match.similar = Math.max(match.similar, share * normal({ ...posting, count: 1 }));
    }
  }
  for (const [id, matches] of found) {
    const session = sessions.get(id) ?? { places: new Map(), score: 0 };
    sessions.set(id, session);
    spread(term.weight, matches, session, weights, parts);
  }
}

type Match = { saidAt: number; asks: boolean; exact: number; similar: number };

function matchAt(found: Map<string, Map<number, Match>>, posting: Posting): Match {
  let session = found.get(posting.session);
  if (!session) found.set(posting.session, (session = new Map()));
  let match = session.get(posting.position);
  if (!match) {
    match = { saidAt: posting.saidAt, asks: posting.asks, exact: 0, similar: 0 };
    session.set(posting.position, match);
  }
  return match;
}

function spread(
  weight: number,
  matches: Map<number, Match>,
  session: Session,
  weights: Weights,
  parts: Parts,
): void {
  const sums = new Map<number, Sums>();
  let inSession = 0;
  const add = (position: number, share: number, match: Match, own: boolean) => {
    if (position < 1) return;
    let sum = sums.get(position);
    if (!sum) sums.set(position, (sum = { saidAt: match.saidAt, own: 0, exact: 0, all: 0 }));
    if (own) sum.own += share * match.exact;
    sum.exact += share * match.exact;
    sum.all += share * Math.max(match.exact, match.similar);
  };
  for (const [position, match] of matches) {
    inSession += Math.max(match.exact, match.similar);
    add(position, match.asks && parts.neighbours ? weights.questionItself : 1, match, true);
    if (!parts.neighbours) continue;
    weights.after.forEach((share, index) => {
      const more = index === 0 && match.asks ? weights.answerOfQuestion : 1;
      add(position + index + 1, share * more, match, false);
    });
    weights.before.forEach((share, index) => add(position - index - 1, share, match, false));
  }
  const saturate = (sum: number) => (weight * sum) / (sum + weights.saturation);
  for (const [position, sum] of sums) {
    let place = session.places.get(position);
    if (!place) {
      place = { position, saidAt: sum.saidAt, words: 0, neighbours: 0, meaning: 0 };
      session.places.set(position, place);
    }
    const [own, exact, all] = [saturate(sum.own), saturate(sum.exact), saturate(sum.all)];
    place.words += own;
    place.neighbours += exact - own;
    place.meaning += all - exact;
  }
  session.score += (weight * inSession) / (inSession + weights.sessionSaturation);
}
