import type { RankedParts } from '../../../contracts/memory.ts';
import { timeMentions } from '../time/mentions.ts';
import { DAY, distanceInDays } from '../time/spans.ts';
import { tokenise } from '../tokens/tokenise.ts';
import type { Question } from './question.ts';
import type { Candidate } from './structure.ts';
import type { Parts, Weights } from './weights.ts';

/** What of a stored message the last ranking looks at. */
export type Passage = {
  role: 'user' | 'assistant';
  /** The beginning of the message. */
  text: string;
  createdAt: string;
  /** Terms in the whole message. */
  length: number;
  asks: boolean;
};

const LABEL = /^(\p{Lu}[\p{L}.'-]*(?: \p{Lu}[\p{L}.'-]*){0,2}): /u;
const TIME_WORD =
  /\b(?:yesterday|today|tonight|tomorrow|ago|(?:last|next|this) (?:week|weekend|night|month|year|summer|fall|autumn|winter|spring|morning)|recently|just|since|(?:years?|months?|weeks?|days?|weekend)|january|february|march|april|may|june|july|august|september|october|november|december|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:19|20)\d\d)\b/i;
const NUMBER = /\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|couple|few|once|twice)\b/i;
const PLACE = /\b(?:in|at|to|from|near|visited|visit) (?:the )?\p{Lu}\p{Ll}+/u;
const QUOTATION = /["\u201C\u00AB][^"\u201D\u00BB]{3,60}["\u201D\u00BB]/;
const SUBSTANTIAL = 50;

/** The score of a place, in its parts; their sum is the score. */
export function fuse(
  candidate: Candidate,
  passage: Passage,
  question: Question,
  weights: Weights,
  parts: Parts,
): RankedParts {
  return {
    words: candidate.words * (question.asks ? 1 : 1 + weights.keyword),
    neighbours: candidate.neighbours,
    session: candidate.sessionScore,
    meaning: candidate.meaning,
    time: parts.time ? timeScore(passage, question, weights) : 0,
    people: parts.people ? peopleScore(passage, question, weights) : 0,
    answer: parts.answer ? answerScore(passage, question, weights) : 0,
  };
}

/** How near a moment is to the times asked for, as a score. */
export function saidAtScore(said: number, question: Question, weights: Weights): number {
  let best = 0;
  for (const asked of question.times) {
    const length = (asked.to - asked.from) / DAY;
    const away = distanceInDays(asked, { from: said, to: said });
    best = Math.max(best, away === 0 ? 1 : weights.timeNear * Math.exp(-away / (3 + 0.2 * length)));
  }
  return weights.time * best;
}

/** How well the message's own time, or a time that it speaks of, is the time asked for. */
function timeScore(passage: Passage, question: Question, weights: Weights): number {
  if (question.times.length === 0) return 0;
  const said = Date.parse(passage.createdAt);
  const spoken = timeMentions(passage.text, said);
  let best = 0;
  for (const asked of question.times) {
    const length = (asked.to - asked.from) / DAY;
    for (const mention of spoken) {
      if (distanceInDays(asked, mention) > 0) continue;
      const days = (mention.to - mention.from) / DAY;
      best = Math.max(best, (Math.min(length, days) / Math.max(length, days)) ** 0.3);
    }
  }
  return Math.max(weights.time * best, saidAtScore(said, question, weights));
}

function peopleScore(passage: Passage, question: Question, weights: Weights): number {
  const label = LABEL.exec(passage.text)?.[1];
  const spoken = label ? tokenise(label) : [];
  const named = question.terms.some(({ term }) => spoken.includes(term));
  return named || question.saidBy === passage.role ? weights.person : 0;
}

function answerScore(passage: Passage, question: Question, weights: Weights): number {
  const text = passage.text.replace(LABEL, '');
  let score = weights.substance * Math.log(1 + Math.min(SUBSTANTIAL, passage.length));
  if (passage.asks && question.asks) score -= weights.asks;
  if (question.asksWhen && TIME_WORD.test(text)) score += weights.when;
  if (question.asksHowMany && NUMBER.test(text)) score += weights.howMany;
  if (question.asksWhere && PLACE.test(text)) score += weights.where;
  if (QUOTATION.test(text)) score += weights.quotation;
  return score;
}

/** The sum of the parts. */
export function sumOf(parts: RankedParts): number {
  return Object.values(parts).reduce((sum: number, part) => sum + (part ?? 0), 0);
}
