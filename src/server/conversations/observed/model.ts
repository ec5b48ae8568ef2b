import type { TurnFacts, TurnStatus } from '../../../contracts/observed.ts';
import { uuidv7 } from '../../platform/ids.ts';
import type { Wording } from './wording.ts';

/*
 * A stored conversation while observations are merged into it. The merge works on this alone;
 * `load.ts` reads it from the database and `write.ts` writes what was changed.
 */

/** One stored message. */
export type Part = {
  message_id: string;
  /** Null while the text is not read; `hash` is known always. */
  wording: Wording | null;
  hash: string;
  at: string;
  dated: boolean;
  metadata: Record<string, unknown>;
  model: string | null;
  provenance: string;
  /** Where it is stored; null when it is new. */
  position: number | null;
  /** A prompt that is stored as having its answer. */
  answered: boolean;
  /** Text, time, model or metadata differ from what is stored. */
  changed: boolean;
};

/** A name that a route has for a turn. */
export type Name = {
  route: string;
  ref: string;
  at: string;
  isNew: boolean;
  /** It led to another turn before. */
  moved: boolean;
};

export type Thread = { thread_id: string; external_id: string | null; isNew: boolean };

export type Turn = {
  turn_id: string;
  thread: Thread;
  /** The thread that its rows have; null when they are new. */
  storedThread: string | null;
  prompt: Part | null;
  answer: Part | null;
  /** Further answers of an imported turn; they become one text when the turn changes. */
  surplus: Part[];
  names: Name[];
  /** Messages that are to go. */
  dropped: string[];
};

export type Conversation = {
  session_id: string;
  /** Turns in their order; those without any text are in `promised`. */
  turns: Turn[];
  /** Turns of which only a name is known so far, because their end was told before them. */
  promised: Turn[];
  threads: Thread[];
  /** Turns that are part of another one now; their messages are to go. */
  gone: Turn[];
  /** False when all turns of the session are here, true when only those that may be meant. */
  partial: boolean;
};

/** What a route has seen of a turn, without secrets. */
export type Seen = {
  /** The agent's names for it. */
  refs: string[];
  /** The hook's event, `event:<id>`, when it was one. */
  event: string | null;
  prompt: Wording | null;
  promptAt: string | null;
  /** The parts of the answer in order, and all of them as one text. */
  parts: Wording[];
  answer: Wording | null;
  answerAt: string | null;
  status: TurnStatus;
  facts: TurnFacts;
  parent: string | null;
  metadata: Record<string, unknown>;
};

/** Which route tells, whether it tells all there is, and the time of storing. */
export type Telling = { route: string; whole: boolean; at: string };

/** Between the parts of an answer. */
export const BETWEEN_PARTS = '\n\n';

/** A turn without text and names. */
export function newTurn(thread: Thread): Turn {
  return {
    ...{ turn_id: uuidv7(), thread, storedThread: null },
    ...{ prompt: null, answer: null, surplus: [], names: [], dropped: [] },
  };
}

/** The thread of the whole session, made when it is new. */
export function mainThread(conversation: Conversation): Thread {
  const found = conversation.threads.find((thread) => thread.external_id === null);
  return found ?? addThread(conversation, null);
}

/** A new thread beside the others, `branch:<n>`. */
export function newBranch(conversation: Conversation): Thread {
  const names = new Set(conversation.threads.map((thread) => thread.external_id));
  let number = 1;
  while (names.has(`branch:${number}`)) number += 1;
  return addThread(conversation, `branch:${number}`);
}

function addThread(conversation: Conversation, external_id: string | null): Thread {
  const thread = { thread_id: uuidv7(), external_id, isNew: true };
  conversation.threads.push(thread);
  return thread;
}

/** Whether a route has told of this turn. */
export function toldBy(turn: Turn, route: string): boolean {
  return (
    turn.names.some((name) => name.route === route) ||
    turn.prompt?.provenance === route ||
    turn.answer?.provenance === route
  );
}

/** Whether a turn is known from hooks' events alone, so that its order and text may be in pieces. */
export function onlyFromEvents(turn: Turn): boolean {
  const routes = [turn.prompt?.provenance, turn.answer?.provenance];
  return (
    turn.names.every((name) => name.route === 'hook') &&
    routes.every((route) => route === undefined || route === 'hook')
  );
}

/** Names that were given to the wrong turn go to the right one. */
export function moveNames(from: Turn, to: Turn, which: (name: Name) => boolean): void {
  for (const name of from.names.filter(which)) {
    from.names.splice(from.names.indexOf(name), 1);
    to.names.push({ ...name, moved: true });
  }
}

/** Whether the texts of a turn were read. */
export function isRead(turn: Turn): boolean {
  return [turn.prompt, turn.answer, ...turn.surplus].every((part) => part?.wording !== null);
}

/** The text of a stored answer. Its texts must have been read. */
export function answerOf(turn: Turn): Wording | null {
  return turn.answer ? wordingOf(turn.answer) : null;
}

/** The text of a stored prompt, which must have been read. */
export function promptOf(turn: Turn): Wording | null {
  return turn.prompt ? wordingOf(turn.prompt) : null;
}

function wordingOf(part: Part): Wording {
  if (!part.wording) throw new Error(`the text of message ${part.message_id} was not read`);
  return part.wording;
}
