import { sql } from 'kysely';
import type { WriteTransaction } from '../../database/database.ts';
import { originalContent } from '../../database/text.ts';
import type { Conversation, Name, Part, Seen, Thread, Turn } from './model.ts';
import { refIds } from './refs.ts';
import type { AgentSession } from './sessions.ts';
import { Wording } from './wording.ts';

/** Messages up to which a session is read as a whole, also for one event. */
const SMALL = 400;
/** Messages from the end that are read of a longer one. */
const END = 80;
const STEP = 500;

/** Reads a session as far as these observations can concern it; the texts not yet. */
export async function loadConversation(
  tx: WriteTransaction,
  session: AgentSession,
  seen: Seen[],
  whole: boolean,
): Promise<Conversation> {
  const { session_id, last_position } = session;
  if (session.isNew) {
    return { session_id, turns: [], promised: [], gone: [], threads: [], partial: false };
  }
  const threads = await threadsOf(tx, session_id);
  let partial = !whole && last_position > SMALL;
  const named = partial ? await turnsNamed(tx, session_id, seen) : [];
  let messages = await messagesOf(tx, session, partial ? { seen, named } : null);
  // An import may have put messages where the pairs of turns do not keep a place for them.
  if (partial && messages.some(isOutOfPair)) {
    partial = false;
    messages = await messagesOf(tx, session, null);
  }
  const turnIds = partial ? [...new Set([...named, ...messages.map((row) => row.turn_id)])] : null;
  const names = await namesOf(tx, session_id, turnIds);
  return { session_id, threads, gone: [], partial, ...turnsOf(messages, names, threads) };
}

async function threadsOf(tx: WriteTransaction, sessionId: string): Promise<Thread[]> {
  const rows = await tx.read
    .selectFrom('atlas_thread')
    .select(['thread_id', 'external_id'])
    .where('session_id', '=', sessionId)
    .orderBy('thread_id')
    .execute();
  return rows.map((row) => ({ ...row, isNew: false }));
}

async function turnsNamed(tx: WriteTransaction, sessionId: string, seen: Seen[]) {
  const refs = seen.flatMap((one) => [...one.refs, ...(one.event ? [one.event] : [])]);
  const ids = refs.flatMap((ref) => refIds(sessionId, ref));
  const rows = await tx.read
    .selectFrom('turn_refs')
    .select('turn_id')
    .distinct()
    .where('ref_id', '=', anyOf(ids))
    .execute();
  return rows.map((row) => row.turn_id);
}

const anyOf = (values: string[]) => sql<string>`any(${values}::text[])`;

async function messagesOf(
  tx: WriteTransaction,
  session: AgentSession,
  near: { seen: Seen[]; named: string[] } | null,
) {
  const { session_id, last_position } = session;
  let query = tx.read
    .selectFrom('conversation_messages')
    .select(['message_id', 'turn_id', 'thread_id', 'position', 'message_type', 'content_hash'])
    .select(['created_at', 'dated', 'answered', 'metadata', 'model', 'provenance'])
    .where('session_id', '=', session_id);
  if (near) {
    const hashes = near.seen.flatMap((one) => [
      ...(one.prompt ? [one.prompt.hash('user')] : []),
      ...(one.answer ? [one.answer.hash('assistant')] : []),
    ]);
    query = query.where('turn_id', 'in', (eb) =>
      eb
        .selectFrom('conversation_messages as n')
        .select('n.turn_id')
        .where('n.session_id', '=', session_id)
        .where((or) =>
          or.or([
            or('n.position', '>', last_position - END),
            or('n.turn_id', '=', anyOf(near.named)),
            or('n.content_hash', '=', anyOf(hashes)),
          ]),
        ),
    );
  }
  return query.orderBy('position').execute();
}

type MessageRow = Awaited<ReturnType<typeof messagesOf>>[number];

function isOutOfPair({ message_type, position }: MessageRow): boolean {
  return (message_type === 'user') !== (Number(position) % 2 === 1);
}

async function namesOf(tx: WriteTransaction, sessionId: string, turnIds: string[] | null) {
  let query = tx.read
    .selectFrom('turn_refs')
    .select(['turn_id', 'provenance as route', 'ref', 'created_at as at'])
    .where('session_id', '=', sessionId);
  if (turnIds) query = query.where('turn_id', '=', anyOf(turnIds));
  return query.orderBy('created_at').execute();
}

function turnsOf(
  messages: MessageRow[],
  names: (Pick<Name, 'route' | 'ref' | 'at'> & { turn_id: string })[],
  threads: Thread[],
): Pick<Conversation, 'turns' | 'promised'> {
  const threadOf = new Map(threads.map((thread) => [thread.thread_id, thread]));
  const turns = new Map<string, Turn>();
  const turnFor = (turn_id: string, thread_id: string | undefined) => {
    const thread = threadOf.get(thread_id ?? '') ?? threads[0];
    if (!thread) throw new Error('a session that is stored has no thread');
    const turn = turns.get(turn_id) ?? emptyTurn(turn_id, thread);
    turns.set(turn_id, turn);
    return turn;
  };
  for (const row of messages) {
    const turn = turnFor(row.turn_id, row.thread_id);
    turn.storedThread = row.thread_id;
    const part = partOf(row);
    if (row.message_type === 'user' && !turn.prompt) turn.prompt = part;
    else if (row.message_type === 'assistant' && !turn.answer) turn.answer = part;
    else turn.surplus.push(part);
  }
  const told = [...turns.values()];
  for (const { turn_id, ...name } of names) {
    turnFor(turn_id, undefined).names.push({ ...name, isNew: false, moved: false });
  }
  return { turns: told, promised: [...turns.values()].slice(told.length) };
}

function emptyTurn(turn_id: string, thread: Thread): Turn {
  return {
    ...{ turn_id, thread, storedThread: null, prompt: null, answer: null },
    ...{ surplus: [], names: [], dropped: [] },
  };
}

function partOf(row: MessageRow): Part {
  return {
    message_id: row.message_id,
    wording: null,
    hash: row.content_hash,
    at: row.created_at,
    dated: row.dated,
    answered: row.answered,
    metadata: row.metadata,
    model: row.model,
    provenance: row.provenance,
    position: Number(row.position),
    changed: false,
  };
}

/** Reads the texts of these turns, those that are not read yet. */
export async function readTexts(tx: WriteTransaction, turns: Turn[]): Promise<void> {
  const parts = turns
    .flatMap((turn) => [turn.prompt, turn.answer, ...turn.surplus])
    .filter((part) => part !== null && part.wording === null);
  for (let at = 0; at < parts.length; at += STEP) {
    const step = parts.slice(at, at + STEP).filter((part) => part !== null);
    const rows = await tx.read
      .selectFrom('conversation_messages')
      .select(['message_id', 'content', 'content_exact'])
      .where('message_id', '=', anyOf(step.map((part) => part.message_id)))
      .execute();
    const texts = new Map(rows.map((row) => [row.message_id, originalContent(row)]));
    for (const part of step) part.wording = new Wording(texts.get(part.message_id) ?? '');
  }
}
