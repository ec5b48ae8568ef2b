/**
 * The knobs of the ranking. Tuned by cross-validation over conversations (docs/retrieval.md); each
 * lies on a flat optimum, so that a tenth more or less changes nothing that could be seen.
 */
export const weights = {
  /** A term's count goes up to 1 along count / (count + saturation). */
  saturation: 0.8,
  /** How much a long message counts for less, 0 to 1. */
  lengthNormalisation: 0.2,
  /** Power of a term's rarity. */
  rarity: 0.9,
  /** What a message gives to those after it (1, 2, 3 on) and before it. */
  after: [0.5, 0.2, 0.1],
  before: [0.3, 0.15, 0.1],
  /** A question gives more to its answer. */
  answerOfQuestion: 1.6,
  /** Share of how well the whole session matches, and its own saturation. */
  session: 0.3,
  sessionSaturation: 1,
  /** A similar word counts as part of the word asked for, above this cosine. */
  similar: 0.15,
  similarFrom: 0.5,
  similarZero: 0.2,
  /** The message lies in the time asked for, or near it. */
  time: 0.35,
  timeNear: 0.7,
  /** Words of the time asked for, as words. */
  timeWords: 0.6,
  /** Said by the person asked about. */
  person: 0.06,
  /** A message that only asks answers less; one that says more answers more. */
  asks: 0.09,
  substance: 0.07,
  /** Without a question the message's own words count this much more. */
  keyword: 0.5,
  /** It has what such a question asks for: a time, a number, a place; a name in quotation marks. */
  when: 0.14,
  howMany: 0.07,
  where: 0.08,
  quotation: 0.05,
  /** Nearness by an embedding model that the person has switched on. Set by hand, not tuned. */
  embedding: 0.6,
};
export type Weights = typeof weights;

/** Which parts of the ranking are used; the ablation turns each off in turn. */
export const allParts = {
  neighbours: true,
  session: true,
  meaning: true,
  time: true,
  people: true,
  answer: true,
};
export type Parts = typeof allParts;
