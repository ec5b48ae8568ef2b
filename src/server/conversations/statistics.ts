import { sql } from 'kysely';
import type { CallContext } from '../../contracts/context.ts';
import type { SeenModel, Statistics } from '../../contracts/conversations.ts';
import type { Database } from '../database/database.ts';
import { DEFAULT_PROJECT } from '../projects/service.ts';
import { currentSession } from './sessions.ts';

/** Counts of the current session of the caller and of everything stored. */
export async function statistics(
  database: Database,
  person: string,
  context: CallContext,
): Promise<Statistics> {
  const current = await currentSession(database, person, context);
  const [totals, session] = await Promise.all([
    countAll(database),
    current ? countSession(database, current.session_id) : null,
  ]);
  const session_id = current?.session_id ?? null;
  const thread_id = current?.thread_id ?? null;
  return {
    stats: {
      session_id,
      thread_id,
      message_count: Number(session?.messages ?? 0),
      turn_count: Number(session?.turns ?? 0),
      project: (context.project ?? DEFAULT_PROJECT).name,
      started_at: session?.created_at ?? null,
      last_activity_at: session?.last_activity_at ?? null,
      totals,
    },
    session_id,
    thread_id,
  };
}

async function countAll(database: Database) {
  const row = await database.read
    .selectNoFrom((eb) => [
      eb
        .selectFrom('projects')
        .select((count) => count.fn.countAll<string>().as('n'))
        .as('projects'),
      eb
        .selectFrom('conversation_sessions')
        .select((count) => count.fn.countAll<string>().as('n'))
        .as('sessions'),
      eb
        .selectFrom('conversation_messages')
        .select((count) => count.fn.count<string>('turn_id').distinct().as('n'))
        .as('turns'),
      eb
        .selectFrom('conversation_messages')
        .select((count) => count.fn.countAll<string>().as('n'))
        .as('messages'),
    ])
    .executeTakeFirstOrThrow();
  return {
    projects: Number(row.projects),
    sessions: Number(row.sessions),
    turns: Number(row.turns),
    messages: Number(row.messages),
  };
}

function countSession(database: Database, sessionId: string) {
  return database.read
    .selectFrom('conversation_sessions as s')
    .leftJoin('conversation_messages as m', 'm.session_id', 's.session_id')
    .select(['s.created_at', 's.last_activity_at'])
    .select([
      sql<string>`count(m.message_id)`.as('messages'),
      sql<string>`count(distinct m.turn_id)`.as('turns'),
    ])
    .where('s.session_id', '=', sessionId)
    .groupBy(['s.created_at', 's.last_activity_at'])
    .executeTakeFirst();
}

/** Models that captured turns named, last used first. */
export async function modelsSeen(database: Database): Promise<SeenModel[]> {
  const rows = await database.read
    .selectFrom('conversation_messages')
    .select(['model'])
    .select([
      sql<string>`count(distinct turn_id)`.as('turns'),
      sql<string>`min(created_at)`.as('first'),
      sql<string>`max(created_at)`.as('last'),
    ])
    .where('model', 'is not', null)
    .groupBy('model')
    .orderBy('last', 'desc')
    .execute();
  return rows.map((row) => ({
    model: row.model ?? '',
    turn_count: Number(row.turns),
    first_used_at: row.first,
    last_used_at: row.last,
  }));
}

/** Models that captured turns name, with their last use: a step or two in the index for each. */
export async function modelUses(database: Database): Promise<Map<string, string>> {
  const { rows } = await sql<{ model: string; last: string }>`
    with recursive names(model) as (
      (select model from conversation_messages where model is not null order by model limit 1)
      union all
      select (select m.model from conversation_messages m
        where m.model is not null and m.model > names.model order by m.model limit 1)
      from names where names.model is not null
    )
    select model, (select m.created_at from conversation_messages m
      where m.model = names.model order by m.created_at desc limit 1) as last
    from names where model is not null`.execute(database.read);
  return new Map(rows.map(({ model, last }) => [model, last]));
}
