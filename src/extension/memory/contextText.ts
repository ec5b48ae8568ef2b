import type { MemoryAnswer } from '../../contracts/memory.ts';
import { count } from '../pages/plainText.ts';

/** Budgets that are offered, in tokens. */
export const BUDGETS = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000] as const;
const LEAST = 50;
const MOST = 200_000;

/** A budget as it is typed: `4000`, `4,000` or `4k`; undefined when it is none. */
export function parseBudget(text: string): number | undefined {
  const match = /^(\d+(?:[.,]\d+)*)\s*(k?)$/i.exec(text.trim());
  if (!match) return undefined;
  const [, digits = '', thousand] = match;
  const value = thousand
    ? Number(digits.replace(',', '.')) * 1000
    : Number(digits.replace(/[.,]/g, ''));
  return Number.isInteger(value) && value >= LEAST && value <= MOST ? value : undefined;
}

/** What each memory gave, for the person: `8 matching messages · 5 insights`. */
export function gaveLine({ ltst, cursor, cli, prime }: MemoryAnswer): string {
  const parts: [number, string][] = [
    [ltst?.items.length ?? 0, 'matching message'],
    [cursor?.items.length ?? 0, 'recent session'],
    [cursor?.open_questions.length ?? 0, 'open question'],
    [cli?.items.length ?? 0, 'latest message'],
    [prime?.items.length ?? 0, 'insight'],
  ];
  const given = parts.filter(([number]) => number > 0);
  return given.map(([number, noun]) => count(number, noun)).join(' · ') || 'nothing found';
}

/** `1,234 of 4,000 tokens`. */
export function tokensLine(tokens: number, budget: number): string {
  return `${tokens.toLocaleString('en')} of ${count(budget, 'token')}`;
}

/** What goes to the chat: the context, and the question below it. */
export function chatText(bundle: string, query: string): string {
  return `${bundle.trimEnd()}\n\n${query}`;
}
