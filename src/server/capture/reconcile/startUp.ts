import { AGENTS, type Agent } from '../../../contracts/observed.ts';
import type { Database } from '../../database/database.ts';
import type { Places } from '../readers/reader.ts';
import { isOf, type Transcript, transcriptsOf } from './transcript.ts';

/** A conversation that hooks told of, whose transcript has grown since. */
export type Grown = { agent: Agent; conversation: string; transcript: string };

const LATELY_MS = 7 * 24 * 3_600_000;
const MOST = 200;

/**
 * Conversations of the last week that an agent's hooks told of, and whose transcripts were written
 * after the last turn that is stored: hooks were lost, or the server ended in between.
 */
export async function grownTranscripts(database: Database, places: Places): Promise<Grown[]> {
  const rows = await database.read
    .selectFrom('conversation_sessions as s')
    .select(['s.agent', 's.external_id', 's.last_activity_at'])
    .where('s.source', '=', 'agent')
    .where('s.last_activity_at', '>', new Date(Date.now() - LATELY_MS).toISOString())
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('turn_refs as r')
          .select('r.ref_id')
          .whereRef('r.session_id', '=', 's.session_id')
          .where('r.provenance', '=', 'hook'),
      ),
    )
    .orderBy('s.last_activity_at', 'desc')
    .limit(MOST)
    .execute();
  const transcripts = new Map<Agent, Transcript[]>();
  const grown: Grown[] = [];
  for (const { agent: name, external_id, last_activity_at } of rows) {
    const agent = AGENTS.find((known) => known === name);
    const conversation = external_id?.slice(`${name}/`.length);
    if (!agent || !conversation) continue;
    const known = transcripts.get(agent) ?? (await transcriptsOf(agent, places));
    transcripts.set(agent, known);
    const found = known.find((one) => isOf(conversation, one));
    if (found && found.source.modifiedAt > last_activity_at) {
      grown.push({ agent, conversation, transcript: found.source.path });
    }
  }
  return grown;
}
