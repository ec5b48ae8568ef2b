import type { Insertable } from 'kysely';
import { sql } from 'kysely';
import type { WriteTransaction } from '../../database/database.ts';
import type {
  MessagesTable,
  SessionsTable,
  ThreadsTable,
  TurnRefsTable,
} from '../../database/schema.ts';
import { reindexMessages } from '../../memory/service.ts';
import { deleteMessages, insertMessages } from '../rows.ts';
import type { Conversation, Part, Turn } from './model.ts';
import { newPlaces } from './places.ts';
import { refId } from './refs.ts';
import { changesOf, rowOf } from './rowsOf.ts';

const STEP = 500;

/** New rows of several conversations, which go in few statements. */
export type NewRows = {
  sessions: Insertable<SessionsTable>[];
  threads: Insertable<ThreadsTable>[];
  /** Messages by project. */
  messages: Map<string, Insertable<MessagesTable>[]>;
  names: Insertable<TurnRefsTable>[];
};

/**
 * Writes what a merge has changed of stored rows, and gives the new ones to `rows`. Returns the
 * last position of the session.
 */
export async function writeChanges(
  tx: WriteTransaction,
  conversation: Conversation,
  place: { projectId: string; lastPosition: number; at: string },
  rows: NewRows,
): Promise<number> {
  const places = newPlaces(conversation, place.lastPosition);
  addNewRows(conversation, place, places, rows);
  const threads = newThreads(conversation, place.at);
  // Stored rows may move into a new thread before the rows of all conversations are written.
  const isStored = conversation.turns.some((turn) => turn.storedThread !== null);
  if (isStored) await tx.insert('atlas_thread', threads);
  else rows.threads.push(...threads);
  await moveNames(tx, conversation);
  const { turns } = conversation;
  await deleteMessages(
    tx,
    [...turns, ...conversation.gone].flatMap((turn) => turn.dropped),
  );
  const touched = new Set(await moveMessages(tx, places));
  for (const turn of turns) {
    for (const part of partsOf(turn)) {
      const set = changesTo(turn, part);
      if (!set) continue;
      await tx.update('conversation_messages', { message_id: part.message_id }, set);
      if (part.changed) touched.add(part.message_id);
    }
  }
  await indexAnew(tx, [...touched], place.projectId);
  const positions = turns.flatMap((turn) =>
    partsOf(turn).map((part) => places.get(part) ?? part.position ?? 0),
  );
  return positions.reduce((most, position) => Math.max(most, position), place.lastPosition);
}

function partsOf(turn: Turn): Part[] {
  return [turn.prompt, turn.answer, ...turn.surplus].filter((part) => part !== null);
}

/** What of a stored row is to be set; null when nothing is. */
function changesTo(turn: Turn, part: Part) {
  if (part.position === null) return null;
  const answered = part === turn.prompt && turn.answer !== null && !part.answered;
  const moved = turn.storedThread !== turn.thread.thread_id;
  if (!part.changed && !answered && !moved) return null;
  return {
    ...(part.changed ? changesOf(part) : {}),
    ...(answered ? { answered } : {}),
    ...(moved ? { thread_id: turn.thread.thread_id } : {}),
  };
}

function newThreads(
  { session_id, turns, threads }: Conversation,
  at: string,
): Insertable<ThreadsTable>[] {
  const used = new Set(turns.map((turn) => turn.thread));
  return threads
    .filter((thread) => thread.isNew && used.has(thread))
    .map(({ thread_id, external_id }) => ({ thread_id, session_id, external_id, created_at: at }));
}

function addNewRows(
  { session_id, turns, promised }: Conversation,
  { projectId }: { projectId: string },
  places: Map<Part, number>,
  rows: NewRows,
): void {
  const messages = rows.messages.get(projectId) ?? [];
  rows.messages.set(projectId, messages);
  for (const turn of turns) {
    for (const part of partsOf(turn)) {
      const position = places.get(part);
      if (part.position !== null || position === undefined) continue;
      messages.push(rowOf(session_id, turn, part, position));
    }
  }
  for (const { turn_id, names } of [...turns, ...promised]) {
    for (const { route, ref, at: created_at, isNew } of names) {
      if (!isNew) continue;
      const ref_id = refId(session_id, route, ref);
      rows.names.push({ ref_id, session_id, turn_id, provenance: route, ref, created_at });
    }
  }
}

async function moveNames(tx: WriteTransaction, conversation: Conversation): Promise<void> {
  for (const { turn_id, names } of conversation.turns) {
    for (const { route, ref, isNew, moved } of names) {
      if (isNew || !moved) continue;
      const ref_id = refId(conversation.session_id, route, ref);
      await tx.update('turn_refs', { ref_id }, { turn_id });
    }
  }
}

/** Puts stored messages at other positions; they leave their old ones first. */
async function moveMessages(tx: WriteTransaction, places: Map<Part, number>): Promise<string[]> {
  const moved = new Map<string, number>();
  for (const [part, position] of places) {
    if (part.position !== null) moved.set(part.message_id, position);
  }
  const ids = [...moved.keys()];
  const rows: Insertable<MessagesTable>[] = [];
  for (let at = 0; at < ids.length; at += STEP) {
    const found = await tx.read
      .selectFrom('conversation_messages')
      .selectAll()
      .where('message_id', '=', anyOf(ids.slice(at, at + STEP)))
      .execute();
    for (const row of found) {
      const position = moved.get(row.message_id) ?? row.position;
      rows.push({ ...row, position, metadata: JSON.stringify(row.metadata) });
    }
  }
  await tx.delete('conversation_messages', 'message_id', ids);
  await tx.insert('conversation_messages', rows);
  return ids;
}

const anyOf = (values: string[]) => sql<string>`any(${values}::text[])`;

async function indexAnew(tx: WriteTransaction, ids: string[], projectId: string): Promise<void> {
  for (let at = 0; at < ids.length; at += STEP) {
    const rows = await tx.read
      .selectFrom('conversation_messages')
      .select(['message_id', 'session_id', 'position', 'created_at', 'message_type'])
      .select(['content', 'metadata'])
      .where('message_id', '=', anyOf(ids.slice(at, at + STEP)))
      .execute();
    await reindexMessages(tx, rows, projectId);
  }
}

/** Writes the new rows of all conversations. */
export async function writeNewRows(tx: WriteTransaction, rows: NewRows): Promise<void> {
  await tx.insert('conversation_sessions', rows.sessions);
  await tx.insert('atlas_thread', rows.threads);
  for (const [projectId, messages] of rows.messages) await insertMessages(tx, messages, projectId);
  await tx.insert('turn_refs', rows.names);
}
