import type { CallContext } from '../../contracts/context.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import { storedContent } from '../database/text.ts';
import { uuidv7 } from '../platform/ids.ts';
import { contentHash, metadataText, titleOf } from './content.ts';
import { type TurnChange, tellOfTurns } from './events.ts';
import { protectedName, protectedPart, protectedTurn } from './protecting.ts';
import { modelOf, provenanceOf } from './provenance.ts';
import { insertMessages } from './rows.ts';
import { ensureSession, ensureThread, type OpenSession } from './sessions.ts';

/** Who captures, from where, and when (the time of the call unless it waited in the spool). */
export type CaptureSource = {
  person: string;
  context: CallContext;
  at: string;
  eventId: string | undefined;
};

export type Captured = { turn_id: string; session_id: string; thread_id: string };

type Part = { role: 'user' | 'assistant'; content: string; metadata: Record<string, unknown> };

function messageRow(
  part: Part,
  place: { session: OpenSession; thread_id: string; turn_id: string; position: number },
  more: { at: string; answered: boolean; provenance: string; eventId: string | null },
) {
  return {
    message_id: uuidv7(),
    session_id: place.session.session_id,
    thread_id: place.thread_id,
    turn_id: place.turn_id,
    position: place.position,
    message_type: part.role,
    ...storedContent(part.content),
    content_hash: contentHash(part.role, part.content),
    created_at: more.at,
    dated: true,
    answered: more.answered,
    model: modelOf(part.metadata),
    provenance: more.provenance,
    event_id: more.eventId,
    metadata: metadataText(part.metadata),
  };
}

/** The session of a stored turn, locked for this transaction. */
async function sessionOfTurn(tx: WriteTransaction, turn: Captured): Promise<OpenSession> {
  const row = await tx.read
    .selectFrom('conversation_sessions')
    .select(['session_id', 'project_id', 'last_position'])
    .where('session_id', '=', turn.session_id)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return { ...row, thread_id: turn.thread_id };
}

async function touch(
  tx: WriteTransaction,
  session: OpenSession,
  at: string,
  last: { position: number; firstContent: string | null },
): Promise<void> {
  await tx.update(
    'conversation_sessions',
    { session_id: session.session_id },
    {
      last_activity_at: at,
      last_position: last.position,
      ...(last.firstContent === null ? {} : { title: titleOf(last.firstContent) }),
    },
  );
}

/** What an event stored before, so that the same event sent again changes nothing. */
async function alreadyStored(tx: WriteTransaction, eventId: string): Promise<Captured | undefined> {
  return tx.read
    .selectFrom('conversation_messages')
    .select(['turn_id', 'session_id', 'thread_id'])
    .where('event_id', '=', eventId)
    .executeTakeFirst();
}

const queryEvent = (eventId: string | undefined) => (eventId ? `${eventId}:query` : null);
const responseEvent = (eventId: string | undefined) => (eventId ? `${eventId}:response` : null);

/** Keeps a question as an open turn of the current session. */
export async function captureQuery(
  database: Database,
  source: CaptureSource,
  given: { content: string; metadata: Record<string, unknown>; thread: string | null },
): Promise<Captured> {
  const query = protectedPart(given);
  return database.write(async (tx) => {
    const eventId = queryEvent(source.eventId);
    const before = eventId ? await alreadyStored(tx, eventId) : undefined;
    if (before) return before;
    const session = await ensureSession(tx, source.person, source.context, source.at);
    const thread_id = query.thread
      ? await ensureThread(tx, session.session_id, protectedName(query.thread), source.at)
      : session.thread_id;
    const position = session.last_position + 1;
    const turn_id = uuidv7();
    const place = { session, thread_id, turn_id, position };
    const part: Part = { role: 'user', content: query.content, metadata: query.metadata };
    const row = messageRow(part, place, {
      at: source.at,
      answered: false,
      provenance: provenanceOf(source.context),
      eventId,
    });
    await insertMessages(tx, [row], session.project_id);
    await touch(tx, session, source.at, {
      position,
      firstContent: position === 1 ? query.content : null,
    });
    await tellOfTurns(tx, [{ turn_id, change: 'added' }], source.at);
    return { turn_id, session_id: session.session_id, thread_id };
  });
}

type Question = Captured & { message_id: string };

function questions(tx: WriteTransaction) {
  return tx.read
    .selectFrom('conversation_messages')
    .select(['message_id', 'turn_id', 'session_id', 'thread_id'])
    .where('message_type', '=', 'user');
}

async function namedQuestion(tx: WriteTransaction, turnId: string): Promise<Question> {
  const named = await questions(tx).where('turn_id', '=', turnId).executeTakeFirst();
  if (named) return named;
  throw new TurnkeepError(
    'not_found',
    `There is no turn ${turnId}. Leave query_turn_id out to answer the last open query of the session.`,
    { fields: [{ path: 'query_turn_id', message: 'Not a stored turn.' }] },
  );
}

function lastOpenQuestion(tx: WriteTransaction, sessionId: string): Promise<Question | undefined> {
  return questions(tx)
    .where('session_id', '=', sessionId)
    .where('answered', '=', false)
    .orderBy('position', 'desc')
    .executeTakeFirst();
}

/**
 * Keeps an answer: to the turn named, else to the last open query of the session, else as a turn of
 * its own, so that nothing is lost.
 * @throws TurnkeepError `not_found` for a turn that is not stored.
 */
export async function captureResponse(
  database: Database,
  source: CaptureSource,
  given: { content: string; metadata: Record<string, unknown>; turnId: string | undefined },
): Promise<Captured & { answers: boolean }> {
  const response = protectedPart(given);
  return database.write(async (tx) => {
    const eventId = responseEvent(source.eventId);
    const before = eventId ? await alreadyStored(tx, eventId) : undefined;
    if (before) return { ...before, answers: true };
    // A turn that is named brings its own session, which may be closed or another window's.
    const named = response.turnId ? await namedQuestion(tx, response.turnId) : undefined;
    const session = named
      ? await sessionOfTurn(tx, named)
      : await ensureSession(tx, source.person, source.context, source.at);
    const open = named ?? (await lastOpenQuestion(tx, session.session_id));
    const turn_id = open?.turn_id ?? uuidv7();
    const thread_id = open?.thread_id ?? session.thread_id;
    const position = session.last_position + 1;
    const part: Part = {
      role: 'assistant',
      content: response.content,
      metadata: response.metadata,
    };
    const place = { session, thread_id, turn_id, position };
    const row = messageRow(part, place, {
      at: source.at,
      answered: false,
      provenance: provenanceOf(source.context),
      eventId,
    });
    await insertMessages(tx, [row], session.project_id);
    if (open) {
      await tx.update('conversation_messages', { message_id: open.message_id }, { answered: true });
    }
    await touch(tx, session, source.at, {
      position,
      firstContent: position === 1 ? response.content : null,
    });
    await tellOfTurns(tx, [{ turn_id, change: open ? 'completed' : 'added' }], source.at);
    return { turn_id, session_id: session.session_id, thread_id, answers: open !== undefined };
  });
}

export type WholeTurn = {
  query: string;
  response: string;
  metadata: Record<string, unknown>;
  eventId: string | undefined;
};

/** Keeps whole turns in order, all in one transaction; turns stored before keep their ids. */
export async function captureTurns(
  database: Database,
  source: CaptureSource,
  given: WholeTurn[],
  thread: string | null,
): Promise<{ session_id: string; thread_id: string; turn_ids: string[] }> {
  const turns = given.map(protectedTurn);
  return database.write(async (tx) => {
    const events = turns.map((turn) => queryEvent(turn.eventId));
    const known = await storedEvents(
      tx,
      events.filter((id) => id !== null),
    );
    const before = events.map((id) => (id ? known.get(id) : undefined));
    const [first] = before;
    if (first && before.every((turn) => turn !== undefined)) {
      const turn_ids = before.map((turn) => turn.turn_id);
      return { session_id: first.session_id, thread_id: first.thread_id, turn_ids };
    }
    const session = await ensureSession(tx, source.person, source.context, source.at);
    const { session_id } = session;
    const thread_id = thread
      ? await ensureThread(tx, session_id, protectedName(thread), source.at)
      : session.thread_id;
    const added: TurnChange[] = [];
    let position = session.last_position;
    const isNew = position === 0;
    const provenance = provenanceOf(source.context);
    const rows = [];
    const turn_ids: string[] = [];
    for (const turn of turns) {
      const eventId = queryEvent(turn.eventId);
      const stored = eventId ? known.get(eventId) : undefined;
      const turn_id = stored?.turn_id ?? uuidv7();
      turn_ids.push(turn_id);
      if (stored) continue;
      added.push({ turn_id, change: 'added' });
      if (eventId) known.set(eventId, { turn_id, session_id, thread_id });
      const more = { at: source.at, answered: true, provenance };
      const ask: Part = { role: 'user', content: turn.query, metadata: turn.metadata };
      const answer: Part = { role: 'assistant', content: turn.response, metadata: turn.metadata };
      const place = { session, thread_id, turn_id };
      rows.push(
        messageRow(ask, { ...place, position: ++position }, { ...more, eventId }),
        messageRow(
          answer,
          { ...place, position: ++position },
          {
            ...more,
            answered: false,
            eventId: responseEvent(turn.eventId),
          },
        ),
      );
    }
    await insertMessages(tx, rows, session.project_id);
    await touch(tx, session, source.at, {
      position,
      firstContent: isNew ? (turns[0]?.query ?? null) : null,
    });
    await tellOfTurns(tx, added, source.at);
    return { session_id, thread_id, turn_ids };
  });
}

/** What these events stored before. */
async function storedEvents(
  tx: WriteTransaction,
  events: string[],
): Promise<Map<string, Captured>> {
  if (events.length === 0) return new Map();
  const rows = await tx.read
    .selectFrom('conversation_messages')
    .select(['event_id', 'turn_id', 'session_id', 'thread_id'])
    .where('event_id', 'in', events)
    .execute();
  return new Map(rows.map(({ event_id, ...turn }) => [event_id ?? '', turn]));
}
