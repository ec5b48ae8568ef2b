import { align } from './align.ts';
import { complete } from './complete.ts';
import { likeness, shareRef } from './likeness.ts';
import {
  type Conversation,
  mainThread,
  moveNames,
  newBranch,
  newTurn,
  onlyFromEvents,
  type Seen,
  type Telling,
  type Turn,
} from './model.ts';
import { gapsOf } from './order.ts';
import type { Outcome, Stays } from './piece.ts';
import { placeInTree } from './tree.ts';

/** Of observed turns that are not stored, those that were deleted and are to stay so. */
export type StayDeleted = (fresh: Seen[]) => Set<Seen>;

/**
 * Merges all that a route knows of a conversation: what is not stored goes where it belongs, and
 * what is stored but was not seen stays. A turn that replaces such a one begins a branch.
 */
export function mergeWhole(
  conversation: Conversation,
  seen: Seen[],
  telling: Telling,
  { byText, stays }: { byText: StayDeleted; stays: Stays },
): Outcome[] {
  const pairs = align(conversation.turns, seen);
  const unknown = seen.filter((one, at) => !pairs.has(at) && (one.prompt || one.answer));
  // Of a turn whose prompt was deleted, a hook may have told the answer since.
  const halves = seen.filter((one, at) => one.prompt && pairs.get(at)?.prompt === null);
  const deleted = byText([...unknown, ...halves]);
  const stores = new Set(unknown.filter((one) => !deleted.has(one)));
  const tree = seen.some((one) => one.parent !== null);
  const turns: (Turn | undefined)[] = seen.map((_one, at) => pairs.get(at));
  const added = new Set<Turn>();
  const order: Turn[] = [];
  let thread = mainThread(conversation);
  for (const gap of gapsOf(conversation.turns, seen, pairs)) {
    if (gap.before) {
      order.push(gap.before);
      thread = gap.before.thread;
    }
    const fresh = gap.fresh.flatMap((at) => {
      const one = seen[at];
      return one && stores.has(one) ? [{ at, one }] : [];
    });
    const since = timeOf(fresh[0]?.one);
    const old = gap.left.filter((turn) => isOlder(turn, telling, since));
    const replaces = fresh.length > 0 && old.some((turn) => isReplaced(turn, telling, since));
    if (replaces && !gap.inside && !tree) thread = newBranch(conversation);
    order.push(...old);
    for (const { at, one } of fresh) {
      const turn = promisedTurn(conversation, one) ?? newTurn(thread);
      turn.thread = thread;
      turns[at] = turn;
      added.add(turn);
      order.push(turn);
    }
    order.push(...gap.left.filter((turn) => !old.includes(turn)));
  }
  const strays = absorb(order, seen, turns);
  conversation.turns = order.filter((turn) => !strays.has(turn));
  conversation.gone.push(...strays);
  if (tree) placeInTree(conversation, seen, turns);
  return seen.map((one, at) => {
    const turn = turns[at];
    if (deleted.has(one)) return { turn: null, change: 'kept out' };
    if (!turn) return { turn: null, change: 'known' };
    if (!added.has(turn) && stays(turn, one)) return { turn, change: 'known' };
    const changed = complete(turn, one, telling);
    return { turn, change: added.has(turn) ? 'added' : changed ? 'completed' : 'known' };
  });
}

/**
 * Answers of which hooks have told without their prompts, and that observed turns hold which are
 * stored by themselves: both are one turn. Gives the turns that are no more.
 */
function absorb(order: Turn[], seen: Seen[], turns: (Turn | undefined)[]): Set<Turn> {
  const taken = new Set(turns);
  const strays = order.filter(
    (turn) => !taken.has(turn) && !turn.prompt && turn.answer && onlyFromEvents(turn),
  );
  const gone = new Set<Turn>();
  for (const stray of strays) {
    const at = seen.findIndex((one, index) => {
      const turn = turns[index];
      return turn && !namedTwice(turn, stray) && likeness(stray, one) > 0;
    });
    const turn = turns[at];
    if (!turn) continue;
    moveNames(stray, turn, () => true);
    if (stray.answer) stray.dropped.push(stray.answer.message_id);
    stray.answer = null;
    gone.add(stray);
  }
  return gone;
}

/** Whether hooks have told of a turn as well as of the stray. */
function namedTwice(turn: Turn, stray: Turn): boolean {
  return stray.names.some(({ route }) => turn.names.some((name) => name.route === route));
}

/** A turn whose end was told before it itself takes its place now. */
function promisedTurn(conversation: Conversation, seen: Seen): Turn | undefined {
  const found = conversation.promised.find((turn) => shareRef(turn, seen));
  if (found) conversation.promised.splice(conversation.promised.indexOf(found), 1);
  return found;
}

function timeOf(seen: Seen | undefined): number {
  return Date.parse(seen?.promptAt ?? seen?.answerAt ?? '');
}

/** Whether a stored turn that was not seen stands before the new ones at its place. */
function isOlder(turn: Turn, telling: Telling, since: number): boolean {
  if (isReplaced(turn, telling, since)) return true;
  const part = turn.prompt ?? turn.answer;
  if (part?.dated && !Number.isNaN(since)) return Date.parse(part.at) <= since;
  // What only hooks have told may be later than what the route has read.
  return !onlyFromEvents(turn);
}

/** A turn that its own route has told of once and does no more, or that was over before. */
function isReplaced(turn: Turn, telling: Telling, since: number): boolean {
  if (turn.names.some((name) => name.route === telling.route)) return true;
  return Boolean(turn.prompt?.dated && turn.answer) && Date.parse(turn.prompt?.at ?? '') < since;
}
