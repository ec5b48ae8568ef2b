import { createHash } from 'node:crypto';
import { BETWEEN_PARTS, type Seen, type Telling, type Turn } from './model.ts';
import { newPart } from './parts.ts';
import { isPartOf, occurrences, permutes, same, Wording } from './wording.ts';

/**
 * Puts what an observation has of the answer into the turn; true when the answer grew. A hook's
 * event tells one part, which is appended unless it is there; any other route tells the answer as
 * far as it knows it, and the fuller one stays.
 */
export function completeAnswer(turn: Turn, seen: Seen, telling: Telling): boolean {
  if (!seen.answer) return false;
  if (seen.event) return appendParts(turn, seen, telling);
  if (!turn.answer) {
    turn.answer = newPart('assistant', seen.answer, seen.answerAt, telling);
    return true;
  }
  const dated = !turn.answer.dated && seen.answerAt !== null;
  if (dated) Object.assign(turn.answer, { at: seen.answerAt, dated, changed: true });
  if (turn.surplus.length === 0 && turn.answer.hash === seen.answer.hash('assistant')) return dated;
  const stored = storedAnswer(turn);
  if (same(stored, seen.answer)) return dated;
  const ordered = telling.whole && reorders(turn, stored, seen.answer);
  if (!ordered && !fuller(stored, seen.answer)) return dated;
  setAnswer(turn, seen.answer);
  return true;
}

/** Of two that do not hold one another the longer stays. */
function fuller(stored: Wording, given: Wording): boolean {
  if (isPartOf(stored, given)) return true;
  return !isPartOf(given, stored) && given.folded.length > stored.folded.length;
}

/**
 * Whether hooks told the parts of the answer in another order than they were said in. Their events
 * come in any order; who tells the whole conversation knows the right one.
 */
function reorders(turn: Turn, stored: Wording, given: Wording): boolean {
  const told = turn.names.some(({ ref }) => ref.startsWith('part:'));
  return (told || turn.answer?.provenance === 'hook') && permutes(given, stored);
}

/**
 * The nth event with the same text is the nth time that the answer holds it. One that also tells the
 * end of the turn tells its last part: hooks that run again, however much later, add nothing to it.
 */
function appendParts(turn: Turn, seen: Seen, telling: Telling): boolean {
  let grown = false;
  for (const part of seen.parts) {
    const digest = createHash('sha256').update(part.folded).digest('hex').slice(0, 16);
    const told = turn.names.filter((name) => name.ref.startsWith(`part:${digest}:`)).length;
    const isLast = seen.status !== 'open';
    if (isLast && told > 0 && turn.answer && occurrences(part, storedAnswer(turn)) > 0) continue;
    turn.names.push({
      ...{ route: telling.route, ref: `part:${digest}:${told + 1}`, at: telling.at },
      ...{ isNew: true, moved: false },
    });
    if (!turn.answer) {
      turn.answer = newPart('assistant', part, seen.answerAt, telling);
      grown = true;
    } else if (occurrences(part, storedAnswer(turn)) <= told) {
      setAnswer(turn, new Wording(`${storedAnswer(turn).text}${BETWEEN_PARTS}${part.text}`));
      grown = true;
    }
  }
  return grown;
}

/** The whole answer, also where an import has stored it as several messages. */
export function storedAnswer(turn: Turn): Wording {
  const texts = [turn.answer, ...turn.surplus].map((part) => part?.wording?.text);
  if (texts.includes(undefined)) throw new Error(`the answer of turn ${turn.turn_id} was not read`);
  const [only, ...others] = texts;
  if (turn.answer?.wording && others.length === 0) return turn.answer.wording;
  return new Wording([only, ...others].join(BETWEEN_PARTS));
}

/** Replaces the answer; further messages of it go. */
export function setAnswer(turn: Turn, wording: Wording): void {
  if (!turn.answer) return;
  turn.answer.wording = wording;
  turn.answer.hash = wording.hash('assistant');
  turn.answer.changed = true;
  turn.dropped.push(...turn.surplus.map((part) => part.message_id));
  turn.surplus = [];
}
