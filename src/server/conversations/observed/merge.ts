import { trimmed } from './align.ts';
import { sameToTheLetter, shareRef } from './likeness.ts';
import type { Conversation, Seen, Telling, Turn } from './model.ts';
import { mergePiece, type Outcome, type Stays, tookIn } from './piece.ts';
import { mergeWhole, type StayDeleted } from './whole.ts';

/** Which observed turns were deleted by a person and do not come back by themselves. */
export type Deleted = {
  /** By a name of the turn. */
  byName: (seen: Seen) => boolean;
  /** By their texts, of turns that are not stored. */
  byText: StayDeleted;
  /** What a source tells of a stored turn was said in a pause: the turn stays as it is. */
  stays: Stays;
};

/**
 * Merges what a route has seen into a conversation; gives what became of each turn. The texts that
 * {@link textsNeeded} names must have been read.
 */
export function merge(
  conversation: Conversation,
  seen: Seen[],
  telling: Telling,
  deleted: Deleted,
): Outcome[] {
  const open = seen.filter((one) => !deleted.byName(one));
  const gone: Outcome[] = Array.from({ length: seen.length - open.length }, () => ({
    turn: null,
    change: 'kept out',
  }));
  if (telling.whole) return [...gone, ...mergeWhole(conversation, open, telling, deleted)];
  const outcomes = open.map((one): Outcome => {
    const known = conversation.turns.some((turn) => shareRef(turn, one));
    const goes = !known && (one.prompt || one.answer) && deleted.byText([one]).has(one);
    return goes
      ? { turn: null, change: 'kept out' }
      : mergePiece(conversation, one, telling, deleted.stays);
  });
  return [...gone, ...outcomes];
}

/** Turns from the end that a piece without a known name is compared with. */
const NEAR_END = 40;

/** The stored turns whose texts a merge of these observations compares. */
export function textsNeeded(conversation: Conversation, seen: Seen[], telling: Telling): Turn[] {
  const { turns } = conversation;
  const differs = (turn: Turn, one: Seen | undefined) => one && !sameToTheLetter(turn, one);
  if (telling.whole) {
    const { head, tail } = trimmed(turns, seen);
    return turns.filter((turn, index) => {
      if (index < head) return differs(turn, seen[index]);
      const fromEnd = turns.length - index;
      return fromEnd > tail || differs(turn, seen.at(-fromEnd));
    });
  }
  const needed = new Set<Turn>();
  for (const one of seen) {
    if (tookIn(conversation, one)) continue;
    const hashes = [one.prompt?.hash('user'), one.answer?.hash('assistant')];
    for (const turn of turns) {
      const alike = hashes.includes(turn.prompt?.hash) || hashes.includes(turn.answer?.hash);
      if (alike || shareRef(turn, one)) needed.add(turn);
    }
    for (const turn of turns.slice(-NEAR_END)) needed.add(turn);
  }
  return [...needed];
}
