import type { Insight, MemoryItem, MemoryRole, MemorySystem } from '../../../contracts/memory.ts';
import { filesOfMetadata, pathsInText } from '../insights/files.ts';
import { rounded } from '../items.ts';

/** Which memories fill the bundle first. */
export const bundleOrder: Record<MemoryRole, readonly MemorySystem[]> = {
  planner: ['prime', 'cursor', 'ltst', 'cli'],
  implementer: ['ltst', 'cursor', 'prime', 'cli'],
  coder: ['ltst', 'cursor', 'prime', 'cli'],
  researcher: ['ltst', 'prime', 'cli', 'cursor'],
  general: ['ltst', 'prime', 'cursor', 'cli'],
};

const even = {
  decision: 1,
  goal: 1,
  open_question: 1,
  next_action: 1,
  preference: 1,
  file: 0.5,
} satisfies Record<Insight['kind'], number>;

/** What each kind of insight counts for whom. */
export const kindWeights: Record<MemoryRole, Record<Insight['kind'], number>> = {
  general: even,
  planner: { ...even, goal: 1.4, decision: 1.3, next_action: 1.3, open_question: 1.3, file: 0.3 },
  implementer: { ...even, next_action: 1.4, decision: 1.2, preference: 1.2, file: 1 },
  coder: { ...even, file: 1.4, preference: 1.3, decision: 1.2 },
  researcher: { ...even, open_question: 1.4, decision: 1.2 },
};

const LIMIT = 10;
const WIDE_LIMIT = 20;
/** Messages that a role's own order is made of, for each one asked for. */
const CANDIDATES = 3;
const MOST_CANDIDATES = 80;

/** How many items are given when the caller does not say. */
export function defaultLimit(role: MemoryRole): number {
  return role === 'researcher' ? WIDE_LIMIT : LIMIT;
}

/** How many messages are searched for: more than are given, where the role has an order of its own. */
export function candidates(role: MemoryRole, limit: number): number {
  return role === 'general'
    ? limit
    : Math.max(limit, Math.min(limit * CANDIDATES, MOST_CANDIDATES));
}

const CODE = /^ {0,3}(?:```|~~~)/m;
/** Shares of an item's own score. */
const HAS_CODE = 0.2;
const NAMES_FILES = 0.15;
const PLANS = 0.3;
/** Of the same session as a better item; the third and later ones lose it twice. */
const SAME_SOURCE = -0.2;

/**
 * Found messages in the order of who asks: code and files first for who writes code, what decides or
 * plans for a planner, several conversations before more of one for a researcher.
 * @param planning messages that hold a decision, a goal, a next action or an open question
 */
export function orderFor(
  role: MemoryRole,
  items: MemoryItem[],
  planning: ReadonlySet<string>,
): MemoryItem[] {
  if (role === 'general') return items;
  const seen = new Map<string, number>();
  const share = (item: MemoryItem): number => {
    if (role === 'planner') return planning.has(item.message_id) ? PLANS : 0;
    if (role === 'researcher') {
      const before = seen.get(item.session_id) ?? 0;
      seen.set(item.session_id, before + 1);
      return Math.min(before, 2) * SAME_SOURCE;
    }
    const files = filesOfMetadata(item.metadata).length + pathsInText(item.content).length;
    return (CODE.test(item.content) ? HAS_CODE : 0) + (files > 0 ? NAMES_FILES : 0);
  };
  return items
    .map((item) => {
      const added = rounded(item.score * share(item));
      const score = rounded(item.score + added);
      return { ...item, score, ...(item.parts ? { parts: { ...item.parts, role: added } } : {}) };
    })
    .sort((a, b) => b.score - a.score);
}
