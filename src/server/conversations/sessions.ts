import type { CallContext } from '../../contracts/context.ts';
import { SESSION_IDLE_HOURS } from '../../contracts/limits.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import { uuidv7 } from '../platform/ids.ts';
import { DEFAULT_PROJECT, ensureProject } from '../projects/service.ts';

export type OpenSession = { session_id: string; thread_id: string; project_id: string };

const DEFAULT_ORIGIN = 'rest';

export function originOf(context: CallContext): string {
  return context.origin ?? DEFAULT_ORIGIN;
}

function isIdle(lastActivity: string, now: string): boolean {
  return Date.parse(now) - Date.parse(lastActivity) > SESSION_IDLE_HOURS * 3_600_000;
}

/**
 * The open session of this person, origin and project, locked for this transaction; a new one when
 * there is none or it has been idle for more than four hours.
 */
export async function ensureSession(
  tx: WriteTransaction,
  person: string,
  context: CallContext,
  now: string,
): Promise<OpenSession> {
  const projectId = await ensureProject(tx, context.project ?? DEFAULT_PROJECT, now);
  const find = () =>
    tx.read
      .selectFrom('conversation_sessions')
      .select(['session_id', 'last_activity_at'])
      .where('person', '=', person)
      .where('project_id', '=', projectId)
      .where('origin', '=', originOf(context))
      .where('status', '=', 'open')
      .where('external_id', 'is', null)
      .forUpdate()
      .executeTakeFirst();

  const found = await find();
  if (found && !isIdle(found.last_activity_at, now)) {
    const thread_id = await ensureThread(tx, found.session_id, null, now);
    return { session_id: found.session_id, thread_id, project_id: projectId };
  }
  if (found) await markClosed(tx, found.session_id, found.last_activity_at);
  await tx.insert('conversation_sessions', [
    {
      session_id: uuidv7(),
      project_id: projectId,
      person,
      origin: originOf(context),
      external_id: null,
      source: context.client ?? 'rest',
      agent: context.agent ?? null,
      title: null,
      status: 'open',
      created_at: now,
      last_activity_at: now,
      closed_at: null,
    },
  ]);
  // Read back: on a shared PostgreSQL another server may have opened it at the same moment.
  const opened = await find();
  if (!opened) throw new Error('the session that was opened is not there');
  const thread_id = await ensureThread(tx, opened.session_id, null, now);
  return { session_id: opened.session_id, thread_id, project_id: projectId };
}

/** The thread of a session by its outside name (null is the main thread), made if it is new. */
export async function ensureThread(
  tx: WriteTransaction,
  sessionId: string,
  externalId: string | null,
  now: string,
): Promise<string> {
  const named = tx.read
    .selectFrom('atlas_thread')
    .select('thread_id')
    .where('session_id', '=', sessionId);
  const found = await (externalId === null
    ? named.where('external_id', 'is', null)
    : named.where((eb) =>
        eb.or([eb('external_id', '=', externalId), eb('thread_id', '=', externalId)]),
      )
  ).executeTakeFirst();
  if (found) return found.thread_id;
  const thread_id = uuidv7();
  await tx.insert('atlas_thread', [
    { thread_id, session_id: sessionId, external_id: externalId, created_at: now },
  ]);
  return thread_id;
}

async function markClosed(tx: WriteTransaction, sessionId: string, at: string): Promise<void> {
  await tx.update(
    'conversation_sessions',
    { session_id: sessionId },
    { status: 'closed', closed_at: at },
  );
}

/** The open session that a call belongs to, without making one. */
export async function currentSession(
  database: Database,
  person: string,
  context: CallContext,
): Promise<OpenSession | null> {
  const row = await database.read
    .selectFrom('conversation_sessions as s')
    .innerJoin('projects as p', 'p.project_id', 's.project_id')
    .leftJoin('atlas_thread as t', (join) =>
      join.onRef('t.session_id', '=', 's.session_id').on('t.external_id', 'is', null),
    )
    .select(['s.session_id', 's.project_id', 't.thread_id', 's.last_activity_at'])
    .where('s.person', '=', person)
    .where('p.key', '=', (context.project ?? DEFAULT_PROJECT).key)
    .where('s.origin', '=', originOf(context))
    .where('s.status', '=', 'open')
    .where('s.external_id', 'is', null)
    .executeTakeFirst();
  if (!row?.thread_id || isIdle(row.last_activity_at, new Date().toISOString())) return null;
  return { session_id: row.session_id, thread_id: row.thread_id, project_id: row.project_id };
}

/** Closes the current session. Null when none is open. */
export async function closeCurrentSession(
  database: Database,
  person: string,
  context: CallContext,
): Promise<OpenSession | null> {
  const session = await currentSession(database, person, context);
  if (!session) return null;
  await database.write((tx) => markClosed(tx, session.session_id, new Date().toISOString()));
  return session;
}
