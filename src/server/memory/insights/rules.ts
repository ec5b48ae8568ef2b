import type { Insight } from '../../../contracts/memory.ts';
import { filesOfMetadata } from './files.ts';
import { sentencesOf, withoutQuotes } from './prose.ts';

/** Raised whenever the same message gives other insights; the upkeep then reads all messages anew. */
export const RULES_VERSION = 1;

export type Found = { kind: Insight['kind']; text: string };
type Rule = { kind: Insight['kind']; by?: 'user'; pattern: RegExp };

const WE = "(?:we|i|the team)(?:'ve| have|'re| are)?(?: now| just| finally| all)?";

/**
 * Read in this order; the first that holds names the kind. They would rather miss than invent: who
 * speaks must be named, and what only a person can say of themself (plans, preferences) is read
 * from the person's messages alone.
 */
const RULES: readonly Rule[] = [
  {
    kind: 'decision',
    pattern: new RegExp(`\\b${WE} (?:decided|agreed|settled|opted|chose)\\b`, 'i'),
  },
  { kind: 'decision', pattern: /^(?:final )?decision(?: made)?\s*:\s*\S/i },
  {
    kind: 'decision',
    pattern: /\b(?:let's|let us|we(?:'ll| will| are going to|'re going to)) (?:go|stick) with\b/i,
  },
  { kind: 'decision', pattern: /\b(?:we|i)(?:'re| are|'m| am) (?:going|sticking) with\b/i },
  {
    kind: 'decision',
    pattern:
      /\bwe(?:'ll| will| are going to|'re going to) (?:(?:now|no longer|not|always|only) )?(?:use|adopt|drop|keep using)\b/i,
  },
  { kind: 'decision', pattern: /\blet's (?:use|adopt|drop)\b/i },
  {
    kind: 'decision',
    pattern: new RegExp(`\\b${WE} (?:switched|migrated) (?:over )?(?:from|to)\\b`, 'i'),
  },
  {
    kind: 'goal',
    pattern:
      /^(?:so,? |ok,? |and )?(?:(?:the|my|our)(?: main| overall| ultimate)? (?:goal|aim|objective)(?: here| of [^.]{1,60}?| for [^.]{1,60}?)?(?: is|:)|(?:goal|objective)\s*:)\s*\S/i,
  },
  {
    kind: 'goal',
    by: 'user',
    pattern:
      /\b(?:we|i)(?:'m| am|'re| are) trying to (?:build|make|get|create|ship|migrate|move|replace|reduce|speed|support|release|port)\b/i,
  },
  {
    kind: 'open_question',
    pattern: /^(?:open question|unresolved|still open|tbd|to be decided)\s*[:–-]\s*\S/i,
  },
  {
    kind: 'open_question',
    pattern:
      /\b(?:we|i) (?:still )?(?:need|have) to (?:decide|figure out|find out|clarify) (?:whether|if|how|what|which|where|when|who|why)\b/i,
  },
  {
    kind: 'open_question',
    pattern:
      /\b(?:we|i)(?:'re| are|'m| am) (?:still |not )+(?:sure|certain|undecided|clear)(?: yet)? (?:whether|if|how|what|which|where|about)\b/i,
  },
  { kind: 'next_action', pattern: /^(?:todo|to-do|fixme)\b\s*(?:\([^)]*\))?\s*[:–-]?\s*\S/i },
  {
    kind: 'next_action',
    pattern: /^(?:the )?next (?:step|action|task|up)s?(?: is| are|,)?\s*[:–-]?\s*(?:to )?\S/i,
  },
  {
    kind: 'next_action',
    by: 'user',
    pattern:
      /^(?:so,? |ok,? |then |and |now )?i(?:'ll| will) (?!(?:definitely )?(?:be|never|always|not|say|admit|have to|(?:let|show|tell|keep) (?:you|ya)|(?:take|give) (?:it|them|that|these|your))\b)\S/i,
  },
  {
    kind: 'next_action',
    by: 'user',
    pattern: /\b(?:we|i) (?:still|also|next) (?:need|have) to (?!know\b|be\b)\S/i,
  },
  { kind: 'next_action', by: 'user', pattern: /^(?:don't forget|remember) to \S/i },
  {
    kind: 'preference',
    by: 'user',
    pattern: /\bi(?:'d| would)?(?: really| strongly| generally| always| much)? prefer\b/i,
  },
  {
    kind: 'preference',
    by: 'user',
    pattern:
      /^(?:please )?(?:always|never) (?!mind\b|been?\b|had\b|have\b|has\b|was\b|were\b|got\b|heard\b|seen\b|again\b|saw\b|knew\b|felt\b|thought\b|\p{Ll}+ed\b)\p{Ll}+\s+\S/iu,
  },
  {
    kind: 'preference',
    by: 'user',
    pattern:
      /\b(?:please|from now on,?)(?: please)? (?:always|never|don't ever) (?!mind\b)\p{Ll}+/iu,
  },
];

/** One of these must be there for any rule to hold: most messages are left at this. */
const HINT =
  /decid|decision|agreed|settled|opted|chose|go(?:ing)? with|stick|we will|we'll|we(?:'re| are) going|let's|switched|migrated|goal|aim|objective|trying to|open question|unresolved|still open|tbd|to be decided|need to|have to|sure|certain|undecided|clear|to-?do|fixme|next|i(?:'ll| will)|remember to|forget to|prefer|always|never/i;

/** What only wonders, supposes or denies. */
const QUESTION = /[?？]\s*["”)]*$/u;
const SUPPOSED =
  /^(?:if|unless|suppose|imagine|assuming|whether|should|could|would|maybe|perhaps)\b|\b(?:if|unless|suppose|assuming|until|once|in case|whether) (?:we|i|you|they|the team)\b|\b(?:haven't|hasn't|have not|has not|hadn't|never|didn't|did not|not yet|yet to|might have|could have|should have|would have) (?:\w+ )?(?:decided?|agreed?|settled?|opted?|chosen?|chose|switch(?:ed)?|migrated?)\b/i;
/** A decision for "it" does not say for what. */
const OF_IT = /\b(?:with|use|adopt|drop|on|to) (?:it|that|this|them|those)\W*$/i;
/** Insights of one message; more is a list of something else. */
const MAX_INSIGHTS = 12;

/** What a message says by the rules, in order, with the files that its metadata names. */
export function readInsights(message: {
  role: 'user' | 'assistant';
  content: string;
  metadata: unknown;
}): Found[] {
  const found: Found[] = [];
  if (HINT.test(message.content)) {
    for (const sentence of sentencesOf(message.content)) {
      const kind = kindOf(sentence, message.role);
      if (kind && !found.some((known) => known.text === sentence)) {
        found.push({ kind, text: sentence });
      }
      if (found.length >= MAX_INSIGHTS) break;
    }
  }
  const files = filesOfMetadata(message.metadata).map((text) => ({ kind: 'file' as const, text }));
  return [...found, ...files];
}

function kindOf(sentence: string, role: 'user' | 'assistant'): Insight['kind'] | undefined {
  const said = withoutQuotes(sentence).replaceAll('’', "'").trim();
  if (QUESTION.test(said)) return undefined;
  for (const { kind, by, pattern } of RULES) {
    if (by && by !== role) continue;
    if (!pattern.test(said)) continue;
    if (kind === 'decision' && (SUPPOSED.test(said) || OF_IT.test(said))) return undefined;
    return kind;
  }
  return undefined;
}
