import type { Pairs } from './align.ts';
import type { Seen, Turn } from './model.ts';

/** Turns between two that both sides have: stored ones that were not seen, and new ones. */
export type Gap = {
  before: Turn | null;
  left: Turn[];
  /** Indexes of the observed turns that are new. */
  fresh: number[];
  /** Whether observed turns that are stored come after it. */
  inside: boolean;
};

/** The gaps of an observation, in its order; turns that are paired are not in them. */
export function gapsOf(stored: Turn[], seen: Seen[], pairs: Pairs): Gap[] {
  const paired = new Set(pairs.values());
  const left = new Map<Turn | null, Turn[]>();
  let before: Turn | null = null;
  for (const turn of stored) {
    if (paired.has(turn)) before = turn;
    else {
      const behind = left.get(before);
      if (behind) behind.push(turn);
      else left.set(before, [turn]);
    }
  }
  const gaps: Gap[] = [{ before: null, left: left.get(null) ?? [], fresh: [], inside: false }];
  seen.forEach((_observed, at) => {
    const turn = pairs.get(at);
    const gap = gaps.at(-1);
    if (!turn) gap?.fresh.push(at);
    else {
      if (gap) gap.inside = true;
      gaps.push({ before: turn, left: left.get(turn) ?? [], fresh: [], inside: false });
    }
  });
  return gaps;
}
