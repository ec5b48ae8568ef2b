import { uuidv7 } from '../../platform/ids.ts';
import { storedAnswer } from './answer.ts';
import { addName, complete } from './complete.ts';
import { statusRef } from './facts.ts';
import { likeness, near, shareRef } from './likeness.ts';
import {
  type Conversation,
  isRead,
  mainThread,
  moveNames,
  newTurn,
  onlyFromEvents,
  promptOf,
  type Seen,
  type Telling,
  type Turn,
  toldBy,
} from './model.ts';
import { newPart } from './parts.ts';
import { occurrences, same } from './wording.ts';

/**
 * What became of one observed turn; `turn` is null when there was nothing to store. `kept out`: it
 * was deleted, or said in a pause, and stays away.
 */
export type Outcome = { turn: Turn | null; change: 'added' | 'completed' | 'known' | 'kept out' };

/** Whether a stored turn is to stay as it is, whatever this observation has of it. */
export type Stays = (turn: Turn, seen: Seen) => boolean;

/** A hook's clock and the server's are one, but a transcript can be read before the hook has run. */
const SLACK_MS = 5_000;

/** Whether the event of this observation was taken in before. */
export function tookIn(conversation: Conversation, seen: Seen): boolean {
  const { event } = seen;
  if (event === null) return false;
  return [...conversation.turns, ...conversation.promised].some((turn) =>
    turn.names.some((name) => name.ref === event),
  );
}

/**
 * Merges one turn of which a route tells by itself, such as a hook's event. It is the turn with a
 * name in common, else one with the same texts that the route has not told of, else the open turn
 * that it answers, else a new one at the end.
 */
export function mergePiece(
  conversation: Conversation,
  seen: Seen,
  telling: Telling,
  stays: Stays,
): Outcome {
  if (tookIn(conversation, seen)) return { turn: null, change: 'known' };
  const named = turnNamed(conversation, seen);
  const text = seen.prompt !== null || seen.answer !== null;
  if (!named && !text) return promise(conversation, seen, telling);
  const found = foundTurn(conversation, named, seen, telling);
  if (found && stays(found, seen)) return { turn: found, change: 'known' };
  const turn = found ?? newTurn(conversation.turns.at(-1)?.thread ?? mainThread(conversation));
  const isNew = !turn.prompt && !turn.answer;
  const promisedAt = conversation.promised.indexOf(turn);
  if (promisedAt >= 0 && text) conversation.promised.splice(promisedAt, 1);
  if (!found || (promisedAt >= 0 && text)) {
    conversation.turns.splice(placeOf(conversation, seen), 0, turn);
  }
  const changed = complete(turn, seen, telling);
  if (!turn.prompt && !turn.answer) noteStatus(turn, seen, telling);
  if (isNew && (turn.prompt || turn.answer)) return { turn, change: 'added' };
  return { turn, change: changed ? 'completed' : 'known' };
}

function turnNamed(conversation: Conversation, seen: Seen): Turn | undefined {
  if (seen.refs.length === 0) return undefined;
  const shares = (turn: Turn) => shareRef(turn, seen);
  return conversation.turns.find(shares) ?? conversation.promised.find(shares);
}

/** A new turn goes to the end, but before turns that are known to be later. */
function placeOf({ turns, partial }: Conversation, seen: Seen): number {
  const at = Date.parse(seen.promptAt ?? seen.answerAt ?? '');
  if (partial || Number.isNaN(at)) return turns.length;
  const before = turns.findLastIndex(({ prompt, answer }) => {
    const first = prompt ?? answer;
    return !first?.dated || Date.parse(first.at) <= at;
  });
  return before + 1;
}

function foundTurn(
  conversation: Conversation,
  named: Turn | undefined,
  seen: Seen,
  telling: Telling,
): Turn | undefined {
  if (!named) return turnAlike(conversation, seen, telling);
  if (!conversation.promised.includes(named)) {
    return (
      askedAlready(conversation, named, seen, telling) ??
      rightTurn(conversation, named, seen, telling)
    );
  }
  // Another route may have brought the turn of which only the end was told.
  const alike = seen.prompt || seen.answer ? turnAlike(conversation, seen, telling) : undefined;
  if (!alike) return named;
  moveNames(named, alike, () => true);
  conversation.promised.splice(conversation.promised.indexOf(named), 1);
  return alike;
}

/** The prompt of an answer that came first may be there by another route: the two are one turn. */
function askedAlready(
  conversation: Conversation,
  named: Turn,
  seen: Seen,
  telling: Telling,
): Turn | undefined {
  if (named.prompt || !named.answer || !seen.prompt || !onlyFromEvents(named)) return undefined;
  const open = conversation.turns.filter((turn) => turn !== named && isRead(turn) && !turn.answer);
  const asked = promptAlike(open, seen, telling);
  if (!asked) return undefined;
  moveNames(named, asked, () => true);
  asked.answer = { ...named.answer, message_id: uuidv7(), position: null, changed: true };
  if (named.answer.position !== null) named.dropped.push(named.answer.message_id);
  conversation.turns.splice(conversation.turns.indexOf(named), 1);
  conversation.gone.push(named);
  return asked;
}

/** Only the end of a turn is told: it is noted under the turn's name until the turn itself comes. */
function promise(conversation: Conversation, seen: Seen, telling: Telling): Outcome {
  if (seen.refs.length === 0) return { turn: null, change: 'known' };
  const turn = newTurn(mainThread(conversation));
  conversation.promised.push(turn);
  for (const ref of [...seen.refs, ...(seen.event ? [seen.event] : [])])
    addName(turn, ref, telling);
  noteStatus(turn, seen, telling);
  return { turn: null, change: 'known' };
}

function noteStatus(turn: Turn, seen: Seen, telling: Telling): void {
  if (seen.status !== 'open') addName(turn, statusRef(seen.status), telling);
}

/**
 * The turn that is meant, when a hook's prompt was taken for another turn with the same prompt: the
 * answer tells. The hook's names go to the turn that holds it, which gives up those that it got in
 * error, or to a new one.
 */
function rightTurn(
  conversation: Conversation,
  turn: Turn,
  seen: Seen,
  telling: Telling,
): Turn | undefined {
  const prompt = promptOf(turn);
  if (!seen.event || !seen.answer || !turn.answer || !prompt) return turn;
  if (!isGuessed(turn, seen, telling)) return turn;
  const holds = (other: Turn) => other.answer && holdsAnswer(other, seen);
  if (holds(turn)) return turn;
  const better = conversation.turns.filter(isRead).find((other) => {
    const asked = promptOf(other);
    return other !== turn && asked && same(asked, prompt) && holds(other) && !isProven(other);
  });
  if (!better && conversation.turns.at(-1) === turn) return turn;
  const right = better ?? newTurn(turn.thread);
  const wrong = right.names.filter(({ route }) => route === telling.route);
  moveNames(turn, right, ({ route }) => route === telling.route);
  moveNames(right, turn, (name) => wrong.includes(name));
  if (!better) {
    right.prompt = newPart('user', prompt, seen.answerAt, telling);
    conversation.turns.splice(placeOf(conversation, seen), 0, right);
  }
  return right;
}

/** Whether a turn has the hook's name only because its prompt has the same words. */
function isGuessed(turn: Turn, seen: Seen, { route }: Telling): boolean {
  const byOther = turn.names.some((name) => name.route !== route && seen.refs.includes(name.ref));
  return !byOther && turn.prompt?.provenance !== route && !isProven(turn);
}

/** Whether a hook has told a part of its answer, so that its name is the right one. */
function isProven(turn: Turn): boolean {
  return turn.names.some((name) => name.ref.startsWith('part:'));
}

function holdsAnswer(turn: Turn, seen: Seen): boolean {
  const stored = storedAnswer(turn);
  return seen.parts.every((part) => same(part, stored) || occurrences(part, stored) > 0);
}

/** The turn without a common name that an observation tells of. */
function turnAlike(conversation: Conversation, seen: Seen, telling: Telling): Turn | undefined {
  const turns = conversation.turns.filter(isRead);
  if (seen.prompt) return promptAlike(turns, seen, telling);
  const holders = turns.filter((turn) => couldBe(turn, seen, telling) && likeness(turn, seen) > 0);
  // Where times are known it is the last turn that was asked before the answer.
  const holder = holders.findLast((turn) => turn.prompt?.dated) ?? holders[0];
  const telltale = seen.answer?.telling
    ? (holder ?? misnamed(conversation, turns, seen, telling))
    : undefined;
  if (telltale) return telltale;
  // A short answer, such as "Done.", proves nothing without the time.
  if (holder?.prompt?.dated && holder === lastAsked(turns, seen)) return holder;
  // What has a name waits for its prompt under it; only what has none must belong to an open turn.
  const last = seen.refs.length === 0 ? conversation.turns.at(-1) : undefined;
  if (last?.prompt && !last.answer) return last;
  const goesOn = seen.event && last && toldBy(last, telling.route);
  if (goesOn && last.answer?.metadata.status === 'open') return last;
  return seen.refs.length === 0 ? holder : undefined;
}

function lastAsked(turns: Turn[], { answerAt }: Seen): Turn | undefined {
  const before = Date.parse(answerAt ?? '');
  return turns.findLast(({ prompt }) => prompt?.dated && Date.parse(prompt.at) <= before);
}

/**
 * The turn that holds the answer, where a hook's prompt with the same words was taken for it: that
 * name goes to the other turn with this prompt, or waits for it.
 */
function misnamed(
  conversation: Conversation,
  turns: Turn[],
  seen: Seen,
  telling: Telling,
): Turn | undefined {
  const holder = turns.find((turn) => turn.answer && !isProven(turn) && holdsAnswer(turn, seen));
  const prompt = holder && promptOf(holder);
  if (!holder || !prompt || onlyFromEvents(holder)) return undefined;
  let other = turns.find((turn) => {
    const asked = promptOf(turn);
    return turn !== holder && asked && same(asked, prompt) && !toldBy(turn, telling.route);
  });
  if (!other) {
    other = newTurn(holder.thread);
    conversation.promised.push(other);
  }
  moveNames(holder, other, ({ route }) => route === telling.route);
  return holder;
}

/** The likeliest; of several alike the first after those that the route has told of already. */
function promptAlike(turns: Turn[], seen: Seen, telling: Telling): Turn | undefined {
  const toldLast = turns.findLastIndex((turn) => toldBy(turn, telling.route));
  let best: { turn: Turn; score: number } | undefined;
  turns.forEach((turn, index) => {
    if (!couldBe(turn, seen, telling)) return;
    const like = likeness(turn, seen);
    const score = like === 0 ? 0 : like * 2 + (index > toldLast ? 1 : 0);
    if (score > (best?.score ?? 0)) best = { turn, score };
  });
  return best?.turn;
}

/** Whether the times and what the route has told before let this be the turn. */
function couldBe(turn: Turn, seen: Seen, telling: Telling): boolean {
  const live = telling.route === 'hook';
  if (seen.event && toldBy(turn, telling.route)) return false;
  if (live && seen.prompt && seen.promptAt) {
    const stored = turn.names.map((name) => Date.parse(name.at));
    const first = Math.min(...stored);
    // What was stored before the prompt was sent is an earlier prompt.
    if (stored.length > 0 && Date.parse(seen.promptAt) > first + SLACK_MS) return false;
  }
  if (seen.prompt) return near(turn.prompt, seen.promptAt);
  const asked = turn.prompt?.dated ? Date.parse(turn.prompt.at) : Number.NaN;
  return !(asked > Date.parse(seen.answerAt ?? '') + SLACK_MS);
}
