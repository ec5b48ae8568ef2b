import { TurnkeepError } from '../../contracts/errors.ts';
import type { ToolArguments, ToolOutput } from '../../contracts/tools.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import { addAlias, aliasesOf } from './keys.ts';
import { findProject } from './service.ts';

/**
 * Moves what finds some of the messages whose sessions were moved out of a project, in the same
 * write; gives how many, 0 when none is left. The memory's part, which knows the projects itself.
 */
export type MoveIndexed = (tx: WriteTransaction, projectId: string) => Promise<number>;

type ProjectOutput = ToolOutput<'merge_projects'>;

/** Sessions moved in one write: captures wait for no longer than this takes. */
const STEP = 200;

/** A project with its keys, as the tools answer. */
export async function describeProject(
  database: Database,
  projectId: string,
): Promise<ProjectOutput> {
  const project = await database.read
    .selectFrom('projects')
    .select(['project_id', 'key', 'name'])
    .where('project_id', '=', projectId)
    .executeTakeFirstOrThrow();
  return { ...project, aliases: await aliasesOf(database.read, projectId) };
}

/**
 * Moves everything of one project into another, a little at a time, and makes the keys of the first
 * lead to the second. Stopped in the middle, both projects are there; merging again goes on.
 * @throws TurnkeepError `not_found`, `conflict` for an ambiguous name, `invalid_request` when both
 * are the same project.
 */
export async function mergeProjects(
  database: Database,
  input: ToolArguments<'merge_projects'>,
  moveIndexed: MoveIndexed,
): Promise<ProjectOutput> {
  const from = await findProject(database, input.from);
  const into = await findProject(database, input.into);
  if (from.project_id === into.project_id) {
    throw new TurnkeepError('invalid_request', `"${input.from}" and "${input.into}" are the same.`);
  }
  const [source, target] = [from.project_id, into.project_id];
  while ((await database.write((tx) => moveSessions(tx, source, target, STEP))) > 0);
  while ((await database.write((tx) => moveIndexed(tx, source))) > 0);
  // What was captured meanwhile moves in the write that ends the old project.
  await database.write((tx) => endProject(tx, source, target, moveIndexed));
  return describeProject(database, target);
}

async function endProject(
  tx: WriteTransaction,
  source: string,
  target: string,
  moveIndexed: MoveIndexed,
): Promise<void> {
  while ((await moveSessions(tx, source, target, STEP)) > 0);
  while ((await moveIndexed(tx, source)) > 0);
  const rows = await tx.read
    .selectFrom('projects')
    .select(['project_id', 'key', 'root', 'folder_id'])
    .where('project_id', 'in', [source, target])
    .execute();
  const old = rows.find((row) => row.project_id === source);
  const merged = rows.find((row) => row.project_id === target);
  if (!old || !merged) {
    throw new TurnkeepError('conflict', 'One of the projects was removed meanwhile.');
  }
  await moveContext(tx, source, target);
  await moveVectors(tx, source, target);
  await tx.update('evaluation_runs', { project_id: source }, { project_id: target });
  const now = new Date().toISOString();
  for (const key of [...(await aliasesOf(tx.read, source)), old.key]) {
    await addAlias(tx, key, target, now);
  }
  await tx.delete('projects', 'project_id', [source]);
  if (merged.root !== null || merged.folder_id !== null) return;
  const { root, folder_id } = old;
  await tx.update('projects', { project_id: target }, { root, folder_id });
}

/** The keyed context of the old project, but for keys that the other one has. */
async function moveContext(tx: WriteTransaction, source: string, target: string): Promise<void> {
  const entries = await tx.read
    .selectFrom('context_entries')
    .select(['entry_id', 'project_id', 'key'])
    .where('project_id', 'in', [source, target])
    .execute();
  const taken = new Set(entries.filter((row) => row.project_id === target).map((row) => row.key));
  for (const { entry_id, project_id, key } of entries) {
    if (project_id === target) continue;
    if (taken.has(key)) await tx.delete('context_entries', 'entry_id', [entry_id]);
    else await tx.update('context_entries', { entry_id }, { project_id: target });
  }
}

/** Vectors of the old project, but for keys that the other one has. */
async function moveVectors(tx: WriteTransaction, source: string, target: string): Promise<void> {
  const taken = await tx.read
    .selectFrom('memory_vectors as v')
    .innerJoin('memory_vectors as t', (join) =>
      join
        .onRef('t.namespace', '=', 'v.namespace')
        .onRef('t.id', '=', 'v.id')
        .on('t.project_id', '=', target),
    )
    .select('v.row_id')
    .where('v.project_id', '=', source)
    .execute();
  await tx.delete(
    'memory_vectors',
    'row_id',
    taken.map((row) => row.row_id),
  );
  await tx.update('memory_vectors', { project_id: source }, { project_id: target });
}

type Session = {
  session_id: string;
  person: string;
  origin: string;
  external_id: string | null;
  status: 'open' | 'closed';
  last_activity_at: string;
};

/** Moves up to `limit` sessions; gives how many. */
async function moveSessions(
  tx: WriteTransaction,
  source: string,
  target: string,
  limit: number,
): Promise<number> {
  const sessions = await sessionsOf(tx, source).limit(limit).execute();
  for (const session of sessions) {
    if (session.external_id === null && session.status === 'open') {
      await closeOther(tx, session, target);
    }
    const external_id = await freeName(tx, session, target);
    const { session_id } = session;
    await tx.update('conversation_sessions', { session_id }, { project_id: target, external_id });
  }
  return sessions.length;
}

function sessionsOf(tx: WriteTransaction, projectId: string) {
  return tx.read
    .selectFrom('conversation_sessions')
    .select(['session_id', 'person', 'origin', 'external_id', 'status', 'last_activity_at'])
    .where('project_id', '=', projectId)
    .orderBy('session_id');
}

/** A person has one open session of an origin in a project: the one used last stays open. */
async function closeOther(tx: WriteTransaction, session: Session, target: string): Promise<void> {
  const other = await sessionsOf(tx, target)
    .where('person', '=', session.person)
    .where('origin', '=', session.origin)
    .where('status', '=', 'open')
    .where('external_id', 'is', null)
    .executeTakeFirst();
  if (!other) return;
  const isOlder = Date.parse(other.last_activity_at) < Date.parse(session.last_activity_at);
  const { session_id, last_activity_at } = isOlder ? other : session;
  await tx.update(
    'conversation_sessions',
    { session_id },
    { status: 'closed', closed_at: last_activity_at },
  );
}

/** Sessions of one outside name in both projects stay two: the one that comes gets its id as well. */
async function freeName(
  tx: WriteTransaction,
  session: Session,
  target: string,
): Promise<string | null> {
  const { external_id, session_id } = session;
  if (external_id === null) return null;
  const taken = await sessionsOf(tx, target)
    .where('external_id', '=', external_id)
    .executeTakeFirst();
  return taken ? `${external_id} (${session_id})` : external_id;
}
