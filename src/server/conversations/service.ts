import type { SeenModel } from '../../contracts/conversations.ts';
import type { ObservedConversation } from '../../contracts/observed.ts';
import type { Database } from '../database/database.ts';
import { type Burying, buryConversations } from './observed/bury.ts';
import type { ObservedOptions, ObservedResult } from './observed/options.ts';
import {
  type OpenTurns,
  openTurnsByAgent,
  type RouteCount,
  turnsOfRoutes,
} from './observed/reports.ts';
import { storeConversations } from './observed/store.ts';
import { modelsSeen, modelUses } from './statistics.ts';

/**
 * Stores what a route has seen of conversations, all in one transaction: turns that are not there,
 * and what a stored turn lacks. The same turn by several routes is stored once.
 *
 * Give up to some 500 turns in a call. A hook's event is a conversation with `whole: false` and one
 * turn whose `refs` hold, beside the agent's ids, `event:<event_id>`: an event that was taken in
 * before changes nothing, one with another id appends its parts to the answer. A turn with neither
 * prompt nor answer tells a status or facts of the turn that its refs name, also when that turn
 * comes later. Conversations of one call may be the same one; they are taken in their order.
 * @param person login name that sessions belong to
 */
export function storeObserved(
  database: Database,
  person: string,
  conversations: ObservedConversation[],
  options: ObservedOptions,
): Promise<ObservedResult> {
  return storeConversations(database, person, conversations, options);
}

/**
 * Notes turns that are not stored as if they had been deleted at `at` (ISO 8601 in UTC): what was
 * said in a pause. A stored turn of which a source has more stays as it is from now on. Nothing is
 * stored. Storing with `again` brings them back.
 * @param person login name that sessions belong to
 */
export function buryObserved(
  database: Database,
  person: string,
  buryings: Burying[],
  at: string,
): Promise<void> {
  return buryConversations(database, person, buryings, at);
}

/**
 * Prompts of agents that have no answer and were not aborted, asked before `olderThan` (ISO 8601):
 * their number by agent and the time of the last one.
 */
export function openTurns(database: Database, olderThan: string): Promise<OpenTurns[]> {
  return openTurnsByAgent(database, olderThan);
}

/** How many turns each route has brought of each agent, and when it last did. */
export function turnsByRoute(database: Database): Promise<RouteCount[]> {
  return turnsOfRoutes(database);
}

/** Models that captured turns name, with the number of their turns: counts through all of them. */
export function modelsOfTurns(database: Database): Promise<SeenModel[]> {
  return modelsSeen(database);
}

/** Models that captured turns name, with their last use. Quick, however much is stored. */
export function modelUsesOfTurns(database: Database): Promise<Map<string, string>> {
  return modelUses(database);
}
