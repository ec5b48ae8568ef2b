import { sql } from 'kysely';
import { z } from 'zod';
import type {
  ProjectSummary,
  SessionSummary,
  StoredMessage,
} from '../../contracts/conversations.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Database } from '../database/database.ts';
import { decodeCursor, encodeCursor } from '../platform/cursor.ts';
import { findProject } from '../projects/service.ts';
import { messagesOf } from './messages.ts';

type Page = { limit?: number | undefined; cursor?: string | undefined };

/** All projects that hold sessions, last used first. */
export async function listProjects(database: Database): Promise<ProjectSummary[]> {
  const rows = await database.read
    .with('counts', (db) =>
      db
        .selectFrom('conversation_messages')
        .select(['session_id', (eb) => eb.fn.countAll<string>().as('messages')])
        .groupBy('session_id'),
    )
    .selectFrom('projects as p')
    .innerJoin('conversation_sessions as s', 's.project_id', 'p.project_id')
    .leftJoin('counts as c', 'c.session_id', 's.session_id')
    .select(['p.project_id', 'p.key', 'p.name', 'p.root'])
    .select((eb) => [
      eb.fn.count<string>('s.session_id').as('sessions'),
      eb.fn.sum<string | null>('c.messages').as('messages'),
      eb.fn.max('s.last_activity_at').as('last_activity_at'),
    ])
    .groupBy(['p.project_id', 'p.key', 'p.name', 'p.root'])
    .orderBy('last_activity_at', 'desc')
    .execute();
  return rows.map(({ sessions, messages, ...row }) => ({
    ...row,
    session_count: Number(sessions),
    message_count: Number(messages ?? 0),
  }));
}

function sessionsQuery(database: Database) {
  return database.read
    .selectFrom('conversation_sessions as s')
    .innerJoin('projects as p', 'p.project_id', 's.project_id')
    .select(['s.session_id', 's.project_id', 'p.name as project', 's.title', 's.status'])
    .select(['s.source', 's.agent', 's.created_at', 's.last_activity_at'])
    .select((eb) => [
      eb
        .selectFrom('conversation_messages as m')
        .whereRef('m.session_id', '=', 's.session_id')
        .select((count) => count.fn.countAll<string>().as('n'))
        .as('messages'),
      eb
        .selectFrom('conversation_messages as m')
        .whereRef('m.session_id', '=', 's.session_id')
        .select((count) => count.fn.count<string>('m.turn_id').distinct().as('n'))
        .as('turns'),
    ]);
}

type SessionRow = Awaited<ReturnType<ReturnType<typeof sessionsQuery>['execute']>>[number];

function sessionSummary({ messages, turns, title, ...row }: SessionRow): SessionSummary {
  return {
    ...row,
    title: title ?? 'Empty session',
    message_count: Number(messages ?? 0),
    turn_count: Number(turns ?? 0),
  };
}

const sessionPlace = z.object({ at: z.iso.datetime(), id: z.uuid() });

/** Sessions, last used first, by pages. */
export async function listSessions(
  database: Database,
  filter: Page & { project?: string | undefined },
): Promise<{ sessions: SessionSummary[]; next_cursor: string | null }> {
  const limit = filter.limit ?? 50;
  const place = decodeCursor(sessionPlace, filter.cursor);
  let query = sessionsQuery(database);
  if (filter.project) {
    const { project_id } = await findProject(database, filter.project);
    query = query.where('s.project_id', '=', project_id);
  }
  if (place) {
    query = query.where(
      sql<boolean>`(s.last_activity_at, s.session_id) < (${place.at}::timestamptz, ${place.id})`,
    );
  }
  const rows = await query
    .orderBy('s.last_activity_at', 'desc')
    .orderBy('s.session_id', 'desc')
    .limit(limit + 1)
    .execute();
  const sessions = rows.slice(0, limit).map(sessionSummary);
  const last = rows.length > limit ? sessions.at(-1) : undefined;
  return {
    sessions,
    next_cursor: last ? encodeCursor({ at: last.last_activity_at, id: last.session_id }) : null,
  };
}

/**
 * One session.
 * @throws TurnkeepError `not_found`.
 */
export async function sessionOf(database: Database, sessionId: string): Promise<SessionSummary> {
  const row = await sessionsQuery(database)
    .where('s.session_id', '=', sessionId)
    .executeTakeFirst();
  if (!row) throw new TurnkeepError('not_found', `There is no session ${sessionId}.`);
  return sessionSummary(row);
}

/**
 * One session and a page of its messages in order.
 * @throws TurnkeepError `not_found`.
 */
export async function getSession(
  database: Database,
  filter: Page & { session_id: string },
): Promise<{ session: SessionSummary; messages: StoredMessage[]; next_cursor: string | null }> {
  const session = await sessionOf(database, filter.session_id);
  return { session, ...(await messagesOf(database, filter)) };
}
