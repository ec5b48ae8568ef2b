import { likeness, namedApart, near, sameToTheLetter, shareRef } from './likeness.ts';
import { onlyFromEvents, type Seen, type Turn } from './model.ts';

/** Index of an observed turn to the stored turn that it is. */
export type Pairs = Map<number, Turn>;

/** Pairs of turns compared in full for one stretch; longer stretches are paired in their order. */
const MAX_COMPARED = 1_000_000;

/**
 * How many turns at the beginning and at the end of both lists are the same beyond doubt: by a
 * shared name, or to the letter. Needs no text of the stored turns.
 */
export function trimmed(stored: Turn[], seen: Seen[]): { head: number; tail: number } {
  const most = Math.min(stored.length, seen.length);
  const alike = (turn: Turn | undefined, observed: Seen | undefined) =>
    turn !== undefined &&
    observed !== undefined &&
    (shareRef(turn, observed) ||
      (sameToTheLetter(turn, observed) &&
        near(turn.prompt, observed.promptAt) &&
        !namedApart(turn, observed)));
  let head = 0;
  while (head < most && alike(stored[head], seen[head])) head += 1;
  let tail = 0;
  // A prompt without an answer at the end may be an earlier one that was asked again.
  const tells = (turn: Turn | undefined, one: Seen | undefined) =>
    turn !== undefined && one !== undefined && (one.answer !== null || shareRef(turn, one));
  while (
    tail < most - head &&
    tells(stored.at(-1 - tail), seen.at(-1 - tail)) &&
    alike(stored.at(-1 - tail), seen.at(-1 - tail))
  ) {
    tail += 1;
  }
  return { head, tail };
}

/**
 * Which stored turn each observed one is, both in their order: by a shared name wherever it stands,
 * then by the texts between those, one to one. The texts between the trimmed ends must have been
 * read.
 */
export function align(stored: Turn[], seen: Seen[]): Pairs {
  const { head, tail } = trimmed(stored, seen);
  const pairs: Pairs = new Map();
  for (let at = 0; at < head; at++) pair(pairs, at, stored[at]);
  for (let at = 1; at <= tail; at++) pair(pairs, seen.length - at, stored.at(-at));
  const turns = stored.slice(head, stored.length - tail);
  const middle = { from: head, to: seen.length - tail };
  pairByName(turns, seen, middle, pairs);
  for (const stretch of stretches(turns, middle, pairs)) pairByText(stretch, seen, pairs);
  pairStrays(turns, seen, middle, pairs);
  return pairs;
}

function pair(pairs: Pairs, at: number, turn: Turn | undefined): void {
  if (turn) pairs.set(at, turn);
}

type Range = { from: number; to: number };

function pairByName(turns: Turn[], seen: Seen[], range: Range, pairs: Pairs): void {
  const named = new Map<string, Turn>();
  for (const turn of turns) for (const name of turn.names) named.set(name.ref, turn);
  const taken = new Set<Turn>();
  for (let at = range.from; at < range.to; at++) {
    for (const ref of seen[at]?.refs ?? []) {
      const turn = named.get(ref);
      if (!turn || taken.has(turn)) continue;
      pairs.set(at, turn);
      taken.add(turn);
      break;
    }
  }
}

type Stretch = { turns: Turn[]; seen: number[] };

/** What is unpaired between two pairs that are in the same order in both lists. */
function stretches(turns: Turn[], range: Range, pairs: Pairs): Stretch[] {
  const placeOf = new Map(turns.map((turn, index) => [turn, index]));
  const anchors: { at: number; place: number }[] = [];
  for (let at = range.from; at < range.to; at++) {
    const turn = pairs.get(at);
    const place = turn && placeOf.get(turn);
    if (place !== undefined) anchors.push({ at, place });
  }
  const paired = new Set(pairs.values());
  const result: Stretch[] = [];
  let before = { at: range.from - 1, place: -1 };
  for (const anchor of [...longestRising(anchors), { at: range.to, place: turns.length }]) {
    const open: number[] = [];
    for (let at = before.at + 1; at < anchor.at; at++) if (!pairs.has(at)) open.push(at);
    const left = turns.slice(before.place + 1, anchor.place).filter((turn) => !paired.has(turn));
    if (open.length > 0 && left.length > 0) result.push({ turns: left, seen: open });
    before = anchor;
  }
  return result;
}

/** The longest run of pairs that are in order in both lists (patience sorting). */
function longestRising<T extends { place: number }>(items: T[]): T[] {
  const ends: number[] = [];
  const previous: number[] = [];
  items.forEach((item, index) => {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const half = (low + high) >> 1;
      const end = items[ends[half] ?? 0];
      if (end && end.place < item.place) low = half + 1;
      else high = half;
    }
    previous[index] = ends[low - 1] ?? -1;
    ends[low] = index;
  });
  const run: T[] = [];
  for (let at = ends.at(-1) ?? -1; at >= 0; at = previous[at] ?? -1) {
    const item = items[at];
    if (item) run.push(item);
  }
  return run.reverse();
}

/** The likeness of turns whose prompts and answers are both the same. */
const SAME = 16;

function pairByText(stretch: Stretch, seen: Seen[], pairs: Pairs): void {
  const score = (turn: Turn | undefined, at: number | undefined) => {
    const observed = at === undefined ? undefined : seen[at];
    return turn && observed ? likeness(turn, observed) : 0;
  };
  let head = 0;
  while (score(stretch.turns[head], stretch.seen[head]) >= SAME) {
    pair(pairs, stretch.seen[head] ?? 0, stretch.turns[head]);
    head += 1;
  }
  const turns = stretch.turns.slice(head);
  const open = stretch.seen.slice(head);
  while (score(turns.at(-1), open.at(-1)) >= SAME) pair(pairs, open.pop() ?? 0, turns.pop());
  const found =
    turns.length * open.length <= MAX_COMPARED
      ? bestPairs(turns, open, score)
      : takeInOrder(turns, open, score);
  for (const [at, turn] of found) pairs.set(at, turn);
}

type Score = (turn: Turn | undefined, at: number | undefined) => number;

/** Sequence alignment: the pairs in order that are together the likeliest, earlier ones first. */
function bestPairs(turns: Turn[], open: number[], score: Score): [number, Turn][] {
  const width = open.length + 1;
  const scores = new Uint8Array(turns.length * open.length);
  const best = new Int32Array((turns.length + 1) * width);
  for (let row = turns.length - 1; row >= 0; row--) {
    for (let column = open.length - 1; column >= 0; column--) {
      const own = score(turns[row], open[column]);
      scores[row * open.length + column] = own;
      const both = own > 0 ? own + (best[(row + 1) * width + column + 1] ?? 0) : 0;
      const down = best[(row + 1) * width + column] ?? 0;
      const right = best[row * width + column + 1] ?? 0;
      best[row * width + column] = Math.max(both, down, right);
    }
  }
  const found: [number, Turn][] = [];
  for (let row = 0, column = 0; row < turns.length && column < open.length; ) {
    const own = scores[row * open.length + column] ?? 0;
    const here = best[row * width + column] ?? 0;
    const turn = turns[row];
    if (own > 0 && turn && here === own + (best[(row + 1) * width + column + 1] ?? 0)) {
      found.push([open[column] ?? 0, turn]);
      row += 1;
      column += 1;
    } else if (here === (best[row * width + column + 1] ?? 0)) column += 1;
    else row += 1;
  }
  return found;
}

/** For very long stretches: how far ahead each observed turn looks for the stored one it is. */
const LOOK_AHEAD = 200;

function takeInOrder(turns: Turn[], open: number[], score: Score): [number, Turn][] {
  const found: [number, Turn][] = [];
  let next = 0;
  for (const at of open) {
    const end = Math.min(turns.length, next + LOOK_AHEAD);
    for (let index = next; index < end; index++) {
      const turn = turns[index];
      if (!turn || score(turn, at) === 0) continue;
      found.push([at, turn]);
      next = index + 1;
      break;
    }
  }
  return found;
}

/** Hooks tell of turns in any order: what they alone have told may stand at the wrong place. */
function pairStrays(turns: Turn[], seen: Seen[], range: Range, pairs: Pairs): void {
  const paired = new Set(pairs.values());
  const strays = turns.filter((turn) => !paired.has(turn) && onlyFromEvents(turn));
  const open: number[] = [];
  for (let at = range.from; at < range.to; at++) if (!pairs.has(at)) open.push(at);
  if (strays.length * open.length > MAX_COMPARED) return;
  for (const at of open) {
    const observed = seen[at];
    if (!observed) continue;
    let best = { score: 0, index: -1 };
    strays.forEach((turn, index) => {
      const score = likeness(turn, observed);
      if (score > best.score) best = { score, index };
    });
    const [turn] = best.index < 0 ? [] : strays.splice(best.index, 1);
    pair(pairs, at, turn);
  }
}
