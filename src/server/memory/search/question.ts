import { timeMentions } from '../time/mentions.ts';
import type { Mention } from '../time/spans.ts';
import { tokenise } from '../tokens/tokenise.ts';

/** A question, read. */
export type Question = {
  text: string;
  /** Its terms, each once, in order; `timed` when it is only part of the time asked for. */
  terms: { term: string; timed: boolean; name: boolean }[];
  times: Mention[];
  /** False for words alone: then the messages that hold them are wanted, not what answers. */
  asks: boolean;
  asksWhen: boolean;
  asksHowMany: boolean;
  asksWhere: boolean;
  /** Whose words are asked for: "what did I say" is the user's, "what did you suggest" the answer's. */
  saidBy: 'user' | 'assistant' | null;
};

/** Characters of a question that are read: a whole pasted file would match everything. */
const READ = 4_000;
const MAX_TERMS = 24;
const START = '^(?:(?:and|so|but|ok|hey)[, ]+)?';
const ASKS =
  /[?？]\s*$|^\W*(?:who|whose|whom|what|when|where|which|why|how|did|do|does|is|are|was|were|has|have|had|can|could|should|would|will|tell me|show me|remind me)\b/iu;
const WHEN = new RegExp(
  `${START}(?:when|what (?:date|day|month|year|time)|how long|in (?:which|what) (?:year|month))\\b`,
  'i',
);
const HOW_MANY = new RegExp(`${START}how (?:many|much|often|long|old)\\b`, 'i');
const WHERE = new RegExp(
  `${START}(?:where|in which|(?:which|what) (?:city|country|state|place))\\b`,
  'i',
);
const SAID =
  '(?:say|said|suggest|suggested|recommend|recommended|propose|proposed|tell|told|explain|explained|answer|answered|write|wrote|decide|decided|ask|asked|mention|mentioned)';
const I_SAID = new RegExp(`\\b(?:did i|have i|i) ${SAID}\\b`, 'i');
const YOU_SAID = new RegExp(
  `\\b(?:did you|have you|you|the (?:ai|assistant|model)) ${SAID}\\b`,
  'i',
);

/** Reads a question; `now` (milliseconds) is what "last week" is seen from. */
export function readQuestion(query: string, now: number): Question {
  const text = query.slice(0, READ);
  const times = timeMentions(text, now);
  const untimed = new Set(tokenise(blank(text, times)));
  const names = new Set(
    [...text.matchAll(/(?<=[\p{L}\p{N},;:'"] +)\p{Lu}[\p{L}'-]+/gu)].flatMap(([word]) =>
      tokenise(word),
    ),
  );
  const terms = [...new Set(tokenise(text))]
    .slice(0, MAX_TERMS)
    .map((term) => ({ term, timed: !untimed.has(term), name: names.has(term) }));
  return {
    text,
    terms,
    times,
    asks: ASKS.test(text),
    asksWhen: WHEN.test(text),
    asksHowMany: HOW_MANY.test(text),
    asksWhere: WHERE.test(text),
    saidBy: I_SAID.test(text) ? 'user' : YOU_SAID.test(text) ? 'assistant' : null,
  };
}

function blank(text: string, times: Mention[]): string {
  let rest = text;
  for (const { start, end } of times) {
    rest = rest.slice(0, start) + ' '.repeat(end - start) + rest.slice(end);
  }
  return rest;
}
