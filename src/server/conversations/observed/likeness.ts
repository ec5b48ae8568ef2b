import { answerOf, promptOf, type Seen, type Turn } from './model.ts';
import { isPartOf, permutes, same, shareParagraph } from './wording.ts';

/** Names that are not the agent's own, so that no other route can know them. */
const OWN_NAMES = ['event', 'part', 'turn', 'status'];

export function kindOf(ref: string): string {
  return ref.slice(0, Math.max(0, ref.indexOf(':')));
}

/** Whether the agent gave this name, so that another observation under it is the same turn. */
export function isAgentRef(ref: string): boolean {
  return !OWN_NAMES.includes(kindOf(ref));
}

/** The agent's names for a stored turn, by any route. */
export function refsOf(turn: Turn): string[] {
  return turn.names.map((name) => name.ref).filter(isAgentRef);
}

export function shareRef(turn: Turn, seen: Seen): boolean {
  return seen.refs.some((ref) => turn.names.some((name) => name.ref === ref));
}

/** The agent gives both a name of one kind, and not the same: they are two turns. */
export function namedApart(turn: Turn, seen: Seen): boolean {
  if (turn.names.length === 0 || seen.refs.length === 0) return false;
  const stored = refsOf(turn);
  if (stored.some((ref) => seen.refs.includes(ref))) return false;
  const kinds = new Set(stored.map(kindOf));
  return seen.refs.some((ref) => kinds.has(kindOf(ref)));
}

/** Whether both texts are equal to the letter; needs no text of the stored turn. */
export function sameToTheLetter(turn: Turn, seen: Seen): boolean {
  if (turn.surplus.length > 0) return false;
  return (
    (turn.prompt?.hash ?? null) === (seen.prompt?.hash('user') ?? null) &&
    (turn.answer?.hash ?? null) === (seen.answer?.hash('assistant') ?? null)
  );
}

const PROMPT = 10;

/**
 * How surely a stored turn and an observed one that share no name are the same: 0 is not at all.
 * The same prompt is needed, and answers that do not speak against it; where one side has no
 * prompt, the answers must hold one another. The texts of the turn must have been read.
 */
export function likeness(turn: Turn, seen: Seen): number {
  if (namedApart(turn, seen)) return 0;
  const [stored, given] = [promptOf(turn), seen.prompt];
  const prompts = stored && given;
  if (prompts && !same(stored, given) && !(stored.telling && isPartOf(stored, given))) return 0;
  const answers = answersLikeness(turn, seen);
  if (prompts) return answers < 0 ? 0 : PROMPT + answers + timesLikeness(turn, seen);
  return answers > 2 ? answers : 0;
}

/** Two routes give the times of one prompt or answer at most this far apart. */
const APART_MS = 120_000;

/** Whether two times can be that of one message; a time that is not known can be any. */
export function near(part: { at: string; dated: boolean } | null, at: string | null): boolean {
  if (!part?.dated || at === null) return true;
  return Math.abs(Date.parse(part.at) - Date.parse(at)) <= APART_MS;
}

/** Some sources know no better than when the conversation began, so that a time alone parts nothing. */
function timesLikeness({ prompt }: Turn, { promptAt }: Seen): number {
  if (!prompt?.dated || promptAt === null) return 0;
  return near(prompt, promptAt) ? 3 : -5;
}

/** -1 when the answers speak against one another, more than 2 when they hold one another. */
function answersLikeness(turn: Turn, seen: Seen): number {
  const [stored, given] = [answerOf(turn), seen.answer];
  // One that is open may be any with the same prompt: the order tells.
  if (!stored || !given) return 1;
  if (same(stored, given)) return 6;
  if (isPartOf(stored, given) || isPartOf(given, stored) || permutes(stored, given)) return 4;
  return shareParagraph(stored, given) ? 3 : -1;
}
