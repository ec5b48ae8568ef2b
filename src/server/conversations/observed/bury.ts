import type { ObservedConversation } from '../../../contracts/observed.ts';
import type { Database, WriteTransaction } from '../../database/database.ts';
import { loadConversation, readTexts } from './load.ts';
import { merge, textsNeeded } from './merge.ts';
import type { Seen, Telling, Turn } from './model.ts';
import { externalIdOf, seenTurns } from './seen.ts';
import { type AgentSession, findSessions } from './sessions.ts';
import { storedHashes } from './store.ts';
import { buryRest, buryTurns, deletedOf } from './tombstones.ts';

/** A conversation as a source has it, and which of its turns are not to come from there. */
export type Burying = {
  conversation: ObservedConversation;
  /** By when it was said, ISO 8601 in UTC; null when the source does not tell. */
  isUnsaid: (at: string | null) => boolean;
};

/**
 * Does what `buryObserved` of the service says. The merge is done as if the turns were stored, and
 * what it would add or complete is noted instead of written.
 */
export async function buryConversations(
  database: Database,
  person: string,
  buryings: Burying[],
  at: string,
): Promise<void> {
  const conversations = buryings.map(({ conversation }) => conversation);
  const stored = await storedHashes(database, person, conversations);
  const observed = buryings.map(({ conversation, isUnsaid }) => ({
    name: externalIdOf(conversation),
    telling: { route: conversation.route, whole: conversation.whole, at },
    isUnsaid,
    ...seenTurns(conversation.turns, stored),
  }));
  const names = [...new Set(observed.map(({ name }) => name))];
  await database.write(async (tx) => {
    const sessions = await findSessions(tx, person, names, at);
    for (const { name, ...one } of observed) {
      const session = sessions.get(name);
      if (session) await buryIn(tx, session, one, at);
    }
  });
}

type Observed = { telling: Telling; seen: Seen[]; isUnsaid: Burying['isUnsaid'] };

async function buryIn(
  tx: WriteTransaction,
  session: AgentSession,
  { telling, seen, isUnsaid }: Observed,
  at: string,
): Promise<void> {
  const { external_id } = session;
  const conversation = await loadConversation(tx, session, seen, telling.whole);
  const deleted = await deletedOf(tx, external_id, seen, conversation.turns);
  const known = seen.filter((one) => !deleted.byName(one));
  // All of them are needed to tell which is which, also those that are not to be buried.
  await readTexts(tx, textsNeeded(conversation, known, telling));
  const before = new Map(conversation.turns.map((turn) => [turn, textsOf(turn)]));
  const outcomes = merge(conversation, known, telling, deleted);
  const fresh: Seen[] = [];
  const grown = new Set<Turn>();
  known.forEach((one, index) => {
    const turn = outcomes[index]?.turn;
    if (!turn || outcomes[index]?.change === 'known') return;
    if (!isUnsaid(one.promptAt ?? one.answerAt)) return;
    const texts = before.get(turn);
    if (texts === undefined) fresh.push(one);
    else if (texts !== textsOf(turn)) grown.add(turn);
  });
  const dying = fresh.map(({ refs, prompt, answer }) => ({
    ...{ conversation: external_id, refs },
    ...{ prompt: prompt?.text ?? null, answer: answer?.text ?? null },
  }));
  if (dying.length > 0) await buryTurns(tx, dying, at);
  await buryRest(tx, external_id, [...grown], at);
}

function textsOf({ prompt, answer, surplus }: Turn): string {
  return [prompt, answer, ...surplus].map((part) => part?.hash ?? '').join();
}
