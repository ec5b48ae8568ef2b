import { refsOf } from './likeness.ts';
import {
  type Conversation,
  mainThread,
  newBranch,
  type Seen,
  type Thread,
  type Turn,
} from './model.ts';

/**
 * Gives turns of an agent that keeps a tree their threads: the first turn after another goes on in
 * its thread, each further one begins a branch. A turn that is in a branch already stays there.
 */
export function placeInTree(
  conversation: Conversation,
  seen: Seen[],
  turns: (Turn | undefined)[],
): void {
  const named = new Map<string, Turn>();
  for (const turn of conversation.turns) for (const ref of refsOf(turn)) named.set(ref, turn);
  seen.forEach((one, at) => {
    const turn = turns[at];
    if (turn) for (const ref of one.refs) named.set(ref, turn);
  });
  const main = mainThread(conversation);
  const taken = new Map<Turn, Set<Thread>>();
  let before: Turn | undefined;
  seen.forEach((one, at) => {
    const turn = turns[at];
    if (!turn) return;
    const parent = one.parent === null ? undefined : named.get(one.parent);
    if (parent && parent !== turn) {
      const used = taken.get(parent) ?? new Set();
      taken.set(parent, used);
      const own = turn.storedThread !== null && turn.thread !== main ? turn.thread : parent.thread;
      turn.thread = used.has(own) ? newBranch(conversation) : own;
      used.add(turn.thread);
    } else if (turn.storedThread === null) turn.thread = before?.thread ?? main;
    before = turn;
  });
}
