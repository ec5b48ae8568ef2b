import type {
  ObservedConversation,
  ObservedTurn,
  TurnFacts,
} from '../../../../contracts/observed.ts';
import { asCount } from './json.ts';

/** A turn with nothing in it yet. */
export function newTurn(prompt: ObservedTurn['prompt'], refs: string[] = []): ObservedTurn {
  return { refs, prompt, answers: [], status: 'open', facts: {}, parent: null, metadata: {} };
}

/**
 * Adds a part of the answer; white space alone is none. An answer after a failure is a second try
 * that went well, so that the turn is open again.
 */
export function addAnswer(turn: ObservedTurn, text: unknown, at: string | null): void {
  if (typeof text !== 'string' || text.trim() === '') return;
  turn.answers.push({ text, at });
  if (turn.status === 'failed') turn.status = 'open';
}

type Tokens = 'input_tokens' | 'output_tokens' | 'cache_read_tokens' | 'cache_write_tokens';

/** Adds counts of tokens to those that the turn has; what is no count changes nothing. */
export function addTokens(facts: TurnFacts, tokens: Partial<Record<Tokens, unknown>>): void {
  for (const name of [
    'input_tokens',
    'output_tokens',
    'cache_read_tokens',
    'cache_write_tokens',
  ] as const) {
    const count = asCount(tokens[name]);
    if (count !== undefined) facts[name] = (facts[name] ?? 0) + count;
  }
}

/** Adds a file that the agent wrote, once. */
export function addFile(facts: TurnFacts, path: unknown): void {
  if (typeof path !== 'string' || path === '') return;
  if (!facts.files?.includes(path)) facts.files = [...(facts.files ?? []), path];
}

/** The paths that the text of a patch in the `*** Update File:` form touches. */
export function filesOfPatch(patch: unknown): string[] {
  if (typeof patch !== 'string') return [];
  return [...patch.matchAll(/^\*\*\* (?:Add|Update|Delete) File: (.+?)\r?$/gm)].map(
    ([, path = '']) => path,
  );
}

/** Links each turn to the one before it by its first ref, in a format that keeps no tree. */
export function linkInOrder(turns: ObservedTurn[]): void {
  let before: ObservedTurn | null = null;
  for (const turn of turns) {
    turn.parent ??= before?.refs[0] ?? null;
    before = turn;
  }
}

/**
 * A turn that has an answer is complete where nothing said otherwise. The last one stays open when
 * `busy`: the agent had not finished when the file was written.
 */
export function settle(turns: ObservedTurn[], busy = false): void {
  for (const [index, turn] of turns.entries()) {
    if (turn.status !== 'open' || turn.answers.length === 0) continue;
    if (!(busy && index === turns.length - 1)) turn.status = 'complete';
  }
}

/**
 * The turns in which something was said. What came after one in which nothing was, as a step of the
 * agent that holds tools alone, comes after the turn before it.
 */
export function spoken<Turn extends ObservedTurn>(turns: Turn[]): Turn[] {
  const silent = new Map<string, string | null>();
  const kept: Turn[] = [];
  for (const turn of turns) {
    if (turn.parent !== null && silent.has(turn.parent))
      turn.parent = silent.get(turn.parent) ?? null;
    if (turn.prompt !== null || turn.answers.length > 0) kept.push(turn);
    else for (const ref of turn.refs) silent.set(ref, turn.parent);
  }
  return kept;
}

/** A conversation of a file that was read to its end. */
export function wholeConversation(
  about: Pick<ObservedConversation, 'agent' | 'route' | 'conversation'> &
    Partial<ObservedConversation>,
  turns: ObservedTurn[],
): ObservedConversation {
  return { title: null, cwd: null, project: null, whole: true, ...about, turns };
}
