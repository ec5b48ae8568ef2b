import { completeAnswer } from './answer.ts';
import { factsOf, statusOf, statusTold } from './facts.ts';
import type { Part, Seen, Telling, Turn } from './model.ts';
import { newPart } from './parts.ts';
import { isPartOf, type Wording } from './wording.ts';

/**
 * Adds to a stored turn what an observation of it knows better: a missing prompt, more of the
 * answer, a later status, facts and a time. What is there is never shortened. True when that
 * changed the turn; the name that the route has for it is noted in any case.
 */
export function complete(turn: Turn, seen: Seen, telling: Telling): boolean {
  const prompted = completePrompt(turn, seen, telling);
  const answered = completeAnswer(turn, seen, telling);
  const known = completeFacts(turn, seen, answered);
  noteNames(turn, seen, telling);
  return prompted || answered || known;
}

function completePrompt(turn: Turn, seen: Seen, telling: Telling): boolean {
  if (!seen.prompt) return false;
  if (!turn.prompt) {
    turn.prompt = newPart('user', seen.prompt, seen.promptAt, telling);
    return true;
  }
  const dated = dateOf(turn.prompt, seen.promptAt);
  if (turn.prompt.hash === seen.prompt.hash('user')) return dated;
  return longer(turn.prompt, seen.prompt) || dated;
}

/** A prompt that was cut off becomes the whole one. */
function longer(part: Part, given: Wording): boolean {
  const stored = part.wording;
  if (!stored || stored.folded.length >= given.folded.length || !isPartOf(stored, given))
    return false;
  part.wording = given;
  part.hash = given.hash('user');
  part.changed = true;
  return true;
}

function dateOf(part: Part, at: string | null): boolean {
  if (part.dated || at === null) return false;
  Object.assign(part, { at, dated: true, changed: true });
  return true;
}

/** Facts are with the answer, and with the prompt while there is none. */
function completeFacts(turn: Turn, seen: Seen, grown: boolean): boolean {
  const bearer = turn.answer ?? turn.prompt;
  if (!bearer) return false;
  const before = JSON.stringify(bearer.metadata);
  if (turn.answer?.position === null && turn.prompt) moveFacts(turn.prompt, turn.answer);
  const told = seen.status === 'open' ? statusTold(turn) : seen.status;
  const status = statusOf(turn, told);
  const { status: _before, ...rest } = bearer.metadata;
  const facts = { ...rest, ...factsOf(rest, seen, grown) };
  bearer.metadata = status === 'complete' ? facts : { ...facts, status };
  const changed = JSON.stringify(bearer.metadata) !== before;
  if (changed) bearer.changed = true;
  const modelled = [turn.prompt, turn.answer].map((part) => takeModel(part, seen));
  return changed || modelled.includes(true);
}

function takeModel(part: Part | null, seen: Seen): boolean {
  if (!part || part.model !== null || seen.facts.model === undefined) return false;
  part.model = seen.facts.model;
  part.changed = true;
  return true;
}

/** What the prompt bore while there was no answer. */
function moveFacts(from: Part, to: Part): void {
  if (Object.keys(from.metadata).length === 0) return;
  to.metadata = { ...from.metadata, ...to.metadata };
  from.metadata = {};
  from.changed = true;
}

function noteNames(turn: Turn, seen: Seen, telling: Telling): void {
  const refs = [...seen.refs, ...(seen.event ? [seen.event] : [])];
  const told = turn.names.some((name) => name.route === telling.route);
  if (refs.length === 0 && !told) refs.push(`turn:${turn.turn_id}`);
  for (const ref of refs) addName(turn, ref, telling);
}

/** Notes the name that a route has for a turn, once. */
export function addName(turn: Turn, ref: string, { route, at }: Telling): void {
  if (turn.names.some((name) => name.ref === ref && name.route === route)) return;
  turn.names.push({ route, ref, at, isNew: true, moved: false });
}
