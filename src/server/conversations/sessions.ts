import type { CallContext } from '../../contracts/context.ts';
import { SESSION_IDLE_HOURS } from '../../contracts/limits.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import { uuidv7 } from '../platform/ids.ts';
import {
  DEFAULT_PROJECT,
  ensureProject,
  findKnownProject,
  projectHasKey,
} from '../projects/service.ts';
import { tellOfClosed } from './events.ts';

export type OpenSession = {
  session_id: string;
  thread_id: string;
  project_id: string;
  /** Position of its last message; 0 in a new session. */
  last_position: number;
};

const DEFAULT_ORIGIN = 'rest';

export function originOf(context: CallContext): string {
  return context.origin ?? DEFAULT_ORIGIN;
}

function isIdle(lastActivity: string, now: string): boolean {
  return Date.parse(now) - Date.parse(lastActivity) > SESSION_IDLE_HOURS * 3_600_000;
}

/**
 * The open session of this person, origin and project, locked for this transaction; a new one when
 * there is none or it has been idle for more than four hours. One statement in the usual case.
 */
export async function ensureSession(
  tx: WriteTransaction,
  person: string,
  context: CallContext,
  now: string,
): Promise<OpenSession> {
  const project = context.project ?? DEFAULT_PROJECT;
  const find = () =>
    tx.read
      .selectFrom('conversation_sessions as s')
      .innerJoin('projects as p', 'p.project_id', 's.project_id')
      .leftJoin('atlas_thread as t', (join) =>
        join.onRef('t.session_id', '=', 's.session_id').on('t.external_id', 'is', null),
      )
      .select(['s.session_id', 's.project_id', 's.last_activity_at', 's.last_position'])
      .select(['t.thread_id', 'p.root', 'p.key'])
      .where(projectHasKey(project.key))
      .where('s.person', '=', person)
      .where('s.origin', '=', originOf(context))
      .where('s.status', '=', 'open')
      .where('s.external_id', 'is', null)
      .forUpdate('s')
      .executeTakeFirst();

  let found = await find();
  let projectId = found?.project_id;
  const moved =
    found?.key === project.key && project.root !== undefined && project.root !== found.root;
  if (!projectId || moved) {
    // It may be a known one under a new key, or another one in the place of this.
    projectId = await ensureProject(tx, project, now);
    found = await find();
  }
  if (found && !isIdle(found.last_activity_at, now)) return withThread(tx, found, now);
  if (found) await markClosed(tx, found.session_id, found.last_activity_at, 'idle');
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
      last_position: 0,
      closed_at: null,
    },
  ]);
  const opened = await find();
  if (!opened) throw new Error('the session that was opened is not there');
  return withThread(tx, opened, now);
}

async function withThread(
  tx: WriteTransaction,
  session: Omit<OpenSession, 'thread_id'> & { thread_id: string | null },
  now: string,
): Promise<OpenSession> {
  const { session_id, project_id, last_position } = session;
  const thread_id = session.thread_id ?? (await ensureThread(tx, session_id, null, now));
  return { session_id, project_id, last_position, thread_id };
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

async function markClosed(
  tx: WriteTransaction,
  sessionId: string,
  at: string,
  reason: 'closed' | 'idle',
): Promise<void> {
  await tx.update(
    'conversation_sessions',
    { session_id: sessionId },
    { status: 'closed', closed_at: at },
  );
  await tellOfClosed(tx, [sessionId], reason);
}

/** The open session that a call belongs to, without making one. */
export async function currentSession(
  database: Database,
  person: string,
  context: CallContext,
): Promise<OpenSession | null> {
  const project = await findKnownProject(database, context.project ?? DEFAULT_PROJECT);
  if (!project) return null;
  const row = await database.read
    .selectFrom('conversation_sessions as s')
    .leftJoin('atlas_thread as t', (join) =>
      join.onRef('t.session_id', '=', 's.session_id').on('t.external_id', 'is', null),
    )
    .select(['s.session_id', 's.project_id', 't.thread_id'])
    .select(['s.last_activity_at', 's.last_position'])
    .where('s.person', '=', person)
    .where('s.project_id', '=', project.project_id)
    .where('s.origin', '=', originOf(context))
    .where('s.status', '=', 'open')
    .where('s.external_id', 'is', null)
    .executeTakeFirst();
  if (!row?.thread_id || isIdle(row.last_activity_at, new Date().toISOString())) return null;
  const { session_id, thread_id, project_id, last_position } = row;
  return { session_id, thread_id, project_id, last_position };
}

/** Closes the current session. Null when none is open. */
export async function closeCurrentSession(
  database: Database,
  person: string,
  context: CallContext,
): Promise<OpenSession | null> {
  const session = await currentSession(database, person, context);
  if (!session) return null;
  await database.write((tx) =>
    markClosed(tx, session.session_id, new Date().toISOString(), 'closed'),
  );
  return session;
}
