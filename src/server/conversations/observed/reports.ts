import { sql } from 'kysely';
import type { Database } from '../../database/database.ts';

/** Prompts without an answer; `last_at` is ISO 8601 in UTC. */
export type OpenTurns = { agent: string; count: number; last_at: string };

/** Turns that one route has brought; `last_at` is when it last told of one. */
export type RouteCount = { agent: string; provenance: string; turns: number; last_at: string };

/** Prompts of agents asked before `olderThan` that have no answer, those aborted or failed left out. */
export async function openTurnsByAgent(
  database: Database,
  olderThan: string,
): Promise<OpenTurns[]> {
  const rows = await database.read
    .selectFrom('conversation_messages as m')
    .innerJoin('conversation_sessions as s', 's.session_id', 'm.session_id')
    .select(['s.agent'])
    .select([sql<string>`count(*)`.as('count'), sql<string>`max(m.created_at)`.as('last_at')])
    .where('s.source', '=', 'agent')
    .where('m.message_type', '=', 'user')
    .where('m.answered', '=', false)
    .where('m.created_at', '<', olderThan)
    .where(sql<boolean>`coalesce(m.metadata ->> 'status', 'open') = 'open'`)
    .groupBy('s.agent')
    .orderBy('s.agent')
    .execute();
  return rows.map(({ agent, count, last_at }) => ({
    agent: agent ?? '',
    count: Number(count),
    last_at,
  }));
}

/** Turns by agent and route. */
export async function turnsOfRoutes(database: Database): Promise<RouteCount[]> {
  const rows = await database.read
    .selectFrom('turn_refs as r')
    .innerJoin('conversation_sessions as s', 's.session_id', 'r.session_id')
    .select(['s.agent', 'r.provenance'])
    .select([
      sql<string>`count(distinct r.turn_id)`.as('turns'),
      sql<string>`max(r.created_at)`.as('last_at'),
    ])
    .where('s.source', '=', 'agent')
    .where(sql<boolean>`exists (select from conversation_messages m where m.turn_id = r.turn_id)`)
    .groupBy(['s.agent', 'r.provenance'])
    .orderBy('s.agent')
    .orderBy('r.provenance')
    .execute();
  return rows.map(({ agent, turns, ...row }) => ({
    agent: agent ?? '',
    turns: Number(turns),
    ...row,
  }));
}
