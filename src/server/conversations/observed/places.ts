import type { Conversation, Part, Turn } from './model.ts';

/**
 * The position of each message after a merge, where it is not the one that is stored: a prompt has
 * 2k-1 and its answer 2k. Messages keep their places as far as the order allows.
 */
export function newPlaces(conversation: Conversation, lastPosition: number): Map<Part, number> {
  const places = new Map<Part, number>();
  const put = (part: Part | null | undefined, position: number) => {
    if (part && part.position !== position) places.set(part, position);
  };
  let last = conversation.partial ? Math.ceil(lastPosition / 2) : 0;
  for (const turn of conversation.turns) {
    const stored = pairOf(turn);
    let pair = stored;
    if (conversation.partial) {
      if (pair === null && !misses(turn)) continue;
      pair ??= ++last;
    } else {
      pair = pair !== null && pair > last ? pair : last + 1;
      last = pair + turn.surplus.length;
    }
    // Without the turns between, what has another order stays where it is.
    const keeps = (part: Part | null) =>
      conversation.partial && part !== null && part.position !== null;
    if (!keeps(turn.prompt)) put(turn.prompt, 2 * pair - 1);
    if (!keeps(turn.answer)) put(turn.answer, 2 * pair);
    if (conversation.partial) continue;
    for (const [index, part] of turn.surplus.entries()) put(part, 2 * (pair + index + 1));
  }
  return places;
}

function misses(turn: Turn): boolean {
  return [turn.prompt, turn.answer].some((part) => part?.position === null);
}

/** The pair of positions that a stored turn has; null when it has none or not this order. */
function pairOf(turn: Turn): number | null {
  const prompt = turn.prompt?.position ?? null;
  const answer = turn.answer?.position ?? null;
  const pairs = new Set<number>();
  if (prompt !== null) pairs.add((prompt + 1) / 2);
  if (answer !== null) pairs.add(answer / 2);
  const [pair] = pairs;
  return pairs.size === 1 && pair !== undefined && Number.isInteger(pair) ? pair : null;
}
