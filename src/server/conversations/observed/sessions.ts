import { sql } from 'kysely';
import type { ProjectRef } from '../../../contracts/context.ts';
import { SESSION_IDLE_HOURS } from '../../../contracts/limits.ts';
import type { WriteTransaction } from '../../database/database.ts';
import { moveIndexed } from '../../memory/service.ts';
import { uuidv7 } from '../../platform/ids.ts';
import { DEFAULT_PROJECT } from '../../projects/service.ts';
import { tellOfClosed } from '../events.ts';

/** The session of an agent's conversation; a new one is not stored yet. */
export type AgentSession = {
  session_id: string;
  external_id: string;
  project_id: string | null;
  project: ProjectRef | null;
  source: string;
  title: string | null;
  status: 'open' | 'closed';
  created_at: string;
  last_activity_at: string;
  last_position: number;
  isNew: boolean;
};

/** The name of a session where another person's session of the same conversation has the plain one. */
function ownName(externalId: string, person: string): string {
  return `${externalId}@${person}`;
}

/**
 * Sessions of these conversations in any project, locked for this transaction, by their plain
 * name; one that is not stored is new. A session that an import of Turnkeep's own lines has made
 * counts too; an agent's comes first.
 */
export async function findSessions(
  tx: WriteTransaction,
  person: string,
  externalIds: string[],
  at: string,
): Promise<Map<string, AgentSession>> {
  const names = externalIds.flatMap((id) => [id, ownName(id, person)]);
  const rows = await tx.read
    .selectFrom('conversation_sessions as s')
    .innerJoin('projects as p', 'p.project_id', 's.project_id')
    .select(['s.session_id', 's.external_id', 's.project_id', 's.source', 's.title', 's.status'])
    .select(['s.created_at', 's.last_activity_at', 's.last_position'])
    .select(['s.person', 'p.key', 'p.name', 'p.root'])
    .where('s.external_id', '=', sql<string>`any(${names}::text[])`)
    .orderBy('s.session_id')
    .forUpdate('s')
    .execute();
  const plainOf = new Map(
    externalIds.flatMap((id) => [id, ownName(id, person)].map((n) => [n, id])),
  );
  const found = new Map<string, AgentSession>();
  const others = new Set<string>();
  for (const { key, name, root, external_id, person: owner, ...row } of rows) {
    const plain = plainOf.get(external_id ?? '');
    if (plain === undefined) continue;
    if (owner !== person) others.add(plain);
    if (owner !== person || (found.has(plain) && row.source !== 'agent')) continue;
    found.set(plain, {
      ...row,
      external_id: external_id ?? plain,
      project: { key, name, ...(root === null ? {} : { root }) },
      last_position: Number(row.last_position),
      isNew: false,
    });
  }
  for (const id of externalIds) {
    if (!found.has(id)) found.set(id, newSession(others.has(id) ? ownName(id, person) : id, at));
  }
  return found;
}

/** A session for a conversation that is not stored. */
function newSession(externalId: string, at: string): AgentSession {
  return {
    ...{ session_id: uuidv7(), external_id: externalId, project_id: null, project: null },
    ...{ source: 'agent', title: null, status: 'open', isNew: true, last_position: 0 },
    ...{ created_at: at, last_activity_at: at },
  };
}

/** Whether a session was stored in the project `default` and the right one is known now. */
export function hasFoundProject(session: AgentSession, project: ProjectRef | null): boolean {
  return (
    !session.isNew &&
    project !== null &&
    session.project?.key === DEFAULT_PROJECT.key &&
    project.key !== DEFAULT_PROJECT.key
  );
}

/** Moves a session, and what finds its messages, to a project; not when that one has it already. */
export async function moveSession(
  tx: WriteTransaction,
  session: AgentSession,
  projectId: string,
): Promise<void> {
  const { session_id } = session;
  const there = await tx.read
    .selectFrom('conversation_sessions')
    .select('session_id')
    .where('project_id', '=', projectId)
    .where('external_id', '=', session.external_id)
    .executeTakeFirst();
  if (there || projectId === session.project_id) return;
  const before = session.project_id;
  await tx.update('conversation_sessions', { session_id }, { project_id: projectId });
  session.project_id = projectId;
  while (before !== null && (await moveIndexed(tx, before)) > 0);
}

/** An agent's session is open while its last turn is not long ago. */
export function stateAt(lastActivity: string, now: string): 'open' | 'closed' {
  const idle = Date.parse(now) - Date.parse(lastActivity) > SESSION_IDLE_HOURS * 3_600_000;
  return idle ? 'closed' : 'open';
}

/** Closes the agents' sessions of a person that have been idle for long. */
export async function closeIdle(tx: WriteTransaction, person: string, now: string): Promise<void> {
  const before = new Date(Date.parse(now) - SESSION_IDLE_HOURS * 3_600_000).toISOString();
  const idle = await tx.read
    .selectFrom('conversation_sessions')
    .select(['session_id', 'last_activity_at'])
    .where('person', '=', person)
    .where('source', '=', 'agent')
    .where('status', '=', 'open')
    .where('last_activity_at', '<', before)
    .execute();
  for (const { session_id, last_activity_at } of idle) {
    const set = { status: 'closed', closed_at: last_activity_at } as const;
    await tx.update('conversation_sessions', { session_id }, set);
  }
  await tellOfClosed(
    tx,
    idle.map((one) => one.session_id),
    'idle',
  );
}
