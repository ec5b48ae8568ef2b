import type { conversationEndpoints } from '../../contracts/conversationEndpoints.ts';
import type { Database } from '../database/database.ts';
import type { EndpointHandlers } from '../platform/http/endpoint.ts';
import { listSessions, sessionOf } from './browsing.ts';
import { deleteEverywhere, type Places } from './deletingEverywhere.ts';
import { messagesOf, turnOf } from './messages.ts';
import { statistics } from './statistics.ts';
import { threadsOf } from './threads.ts';

/**
 * The endpoints of `/api/v1/conversations`.
 * @param person login name that sessions belong to
 * @param places what is deleted goes from there too
 */
export function conversationHandlers(
  database: Database,
  person: string,
  places: Places,
): Pick<EndpointHandlers, keyof typeof conversationEndpoints> {
  return {
    listSessions: (input, call) => listSessions(database.heeding(call.signal), input),
    async getSession({ session_id }) {
      return { session: await sessionOf(database, session_id) };
    },
    async deleteSession(input) {
      // One that is not there was deleted before, or never was: that is told.
      await sessionOf(database, input.session_id);
      return deleteEverywhere(database, places, input);
    },
    async listThreads(input) {
      await sessionOf(database, input.session_id);
      return threadsOf(database, input);
    },
    async listMessages(input, call) {
      const heeding = database.heeding(call.signal);
      await sessionOf(heeding, input.session_id);
      return messagesOf(heeding, input);
    },
    getTurn: ({ turn_id }) => turnOf(database, turn_id),
    async deleteTurn(input) {
      await turnOf(database, input.turn_id);
      return deleteEverywhere(database, places, input);
    },
    deleteConversations: (input) => deleteEverywhere(database, places, input),
    getConversationStatistics: (_input, call) =>
      statistics(database.heeding(call.signal), person, call.context),
  };
}
