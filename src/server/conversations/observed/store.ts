import { sql } from 'kysely';
import type { ProjectRef } from '../../../contracts/context.ts';
import type { ObservedConversation } from '../../../contracts/observed.ts';
import type { Database } from '../../database/database.ts';
import { protect } from '../../redaction/service.ts';
import { titleOf } from '../content.ts';
import { tellOfTurns } from '../events.ts';
import type { ObservedOptions, ObservedResult } from './options.ts';
import { externalIdOf, seenTurns } from './seen.ts';
import { closeIdle, findSessions } from './sessions.ts';
import { type Observation, type Observations, type Storing, storeSession } from './storeSession.ts';
import { anyBuried } from './tombstones.ts';
import { writeNewRows } from './write.ts';

/** Does what `storeObserved` of the service says. */
export async function storeConversations(
  database: Database,
  person: string,
  conversations: ObservedConversation[],
  options: ObservedOptions,
): Promise<ObservedResult> {
  const at = options.at ?? new Date().toISOString();
  const groups = await observationsOf(database, person, conversations, options, at);
  return database.write(async (tx) => {
    const storing: Storing = {
      ...{ person, at, again: options.again ?? false, buried: await anyBuried(tx) },
      excluded: options.excluded ?? (() => false),
      paused: options.paused ?? (() => false),
      projects: new Map(),
      rows: { sessions: [], threads: [], messages: new Map(), names: [] },
    };
    const names = groups.map((group) => group.externalId);
    const sessions = await findSessions(tx, person, names, at);
    const result: ObservedResult = { added: 0, completed: 0, known: 0, keptOut: 0, turns: [] };
    for (const group of groups) {
      const session = sessions.get(group.externalId);
      if (session) addTo(result, await storeSession(tx, storing, session, group));
    }
    const isNew = storing.rows.sessions.length > 0;
    await writeNewRows(tx, storing.rows);
    if (isNew) await closeIdle(tx, person, at);
    if (options.quiet !== true) await tellOfTurns(tx, result.turns, at);
    await options.also?.(tx);
    return result;
  });
}

function addTo(sum: ObservedResult, more: ObservedResult): void {
  sum.added += more.added;
  sum.completed += more.completed;
  sum.known += more.known;
  sum.keptOut += more.keptOut;
  for (const turn of more.turns) sum.turns.push(turn);
}

/** The observations as they may be stored, those of one conversation together. */
async function observationsOf(
  database: Database,
  person: string,
  conversations: ObservedConversation[],
  options: ObservedOptions,
  at: string,
): Promise<Observations[]> {
  const stored = await storedHashes(database, person, conversations);
  const projects = new Map<string, ProjectRef>();
  const groups = new Map<string, Observations>();
  for (const conversation of conversations) {
    const externalId = externalIdOf(conversation);
    const group = groups.get(externalId) ?? { externalId, all: [] };
    groups.set(externalId, group);
    const { agent, route, whole, turns } = conversation;
    const title = protect(conversation.title ?? '').text;
    const one: Observation = {
      ...{ agent, telling: { route, whole, at } },
      title: title.trim() === '' ? null : titleOf(title),
      project: await projectOf(conversation, projects, options.resolve),
      ...seenTurns(turns, stored),
    };
    group.all.push(one);
  }
  return [...groups.values()];
}

/** The project that an observation names, by itself or by its folder; null when it names none. */
async function projectOf(
  { project, cwd }: ObservedConversation,
  known: Map<string, ProjectRef>,
  resolve: ObservedOptions['resolve'],
): Promise<ProjectRef | null> {
  if (project || cwd === null) return project;
  const found = known.get(cwd) ?? (await resolve(cwd));
  known.set(cwd, found);
  return found;
}

/** Shorter conversations are looked through for secrets as a whole, however often they are read. */
const LONG = 20;

/**
 * Hashes of what is stored of long conversations. A text that is stored to the letter was looked
 * through when it was: a conversation that is read again after each turn costs only what is new.
 */
export async function storedHashes(
  database: Database,
  person: string,
  conversations: ObservedConversation[],
): Promise<Set<string>> {
  const long = conversations.filter(({ whole, turns }) => whole && turns.length >= LONG);
  if (long.length === 0) return new Set();
  const rows = await database.read
    .selectFrom('conversation_messages as m')
    .innerJoin('conversation_sessions as s', 's.session_id', 'm.session_id')
    .select('m.content_hash')
    .where('s.external_id', '=', sql<string>`any(${long.map(externalIdOf)}::text[])`)
    .where('s.person', '=', person)
    .execute();
  return new Set(rows.map((row) => row.content_hash));
}
