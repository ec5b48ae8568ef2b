import { TurnkeepError } from '../../contracts/errors.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import { findProject } from '../projects/service.ts';
import { titleOf } from './content.ts';
import { buryMessages } from './observed/burial.ts';
import { deleteMessages } from './rows.ts';

export type DeleteFilter = {
  turn_id?: string | undefined;
  session_id?: string | undefined;
  project?: string | undefined;
  older_than_days?: number | undefined;
};
export type DeleteCount = { sessions: number; turns: number; messages: number };

/** What of a message deleting needs. */
export type DoomedMessage = {
  message_id: string;
  turn_id: string;
  session_id: string;
  project_id: string;
};

/** Rows go in steps of this many, so that one statement's parameters stay few. */
const STEP = 5_000;

async function inSteps(values: string[], remove: (step: string[]) => Promise<number>) {
  for (let at = 0; at < values.length; at += STEP) await remove(values.slice(at, at + STEP));
}

/** The time that `older_than_days` means, ISO 8601. */
export function cutoff(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString();
}

async function matching(
  tx: WriteTransaction,
  filter: DeleteFilter,
  projectId: string | null,
): Promise<DoomedMessage[]> {
  let query = tx.read
    .selectFrom('conversation_messages as m')
    .innerJoin('conversation_sessions as s', 's.session_id', 'm.session_id')
    .select(['m.message_id', 'm.turn_id', 'm.session_id', 's.project_id']);
  if (filter.turn_id) query = query.where('m.turn_id', '=', filter.turn_id);
  if (filter.session_id) query = query.where('m.session_id', '=', filter.session_id);
  if (projectId) query = query.where('s.project_id', '=', projectId);
  if (filter.older_than_days !== undefined) {
    query = query.where('m.created_at', '<', cutoff(filter.older_than_days));
  }
  return query.execute();
}

/** The session of the filter, which goes even when it holds nothing that matches. */
async function namedSession(tx: WriteTransaction, { session_id }: DeleteFilter): Promise<string[]> {
  if (session_id === undefined) return [];
  const rows = await tx.read
    .selectFrom('conversation_sessions')
    .select('session_id')
    .where('session_id', '=', session_id)
    .execute();
  return rows.map((row) => row.session_id);
}

/** Sessions that hold no message any more, of those touched; a session named goes even if empty. */
async function emptied(tx: WriteTransaction, touched: string[]): Promise<string[]> {
  if (touched.length === 0) return [];
  const left = await tx.read
    .selectFrom('conversation_messages')
    .select('session_id')
    .distinct()
    .where('session_id', 'in', touched)
    .execute();
  const full = new Set(left.map((row) => row.session_id));
  return touched.filter((id) => !full.has(id));
}

/** A title is text of the first message: it goes with it, and the next one gives another. */
async function retitle(tx: WriteTransaction, sessions: string[]): Promise<void> {
  for (const session_id of sessions) {
    const first = await tx.read
      .selectFrom('conversation_messages')
      .select('content')
      .where('session_id', '=', session_id)
      .orderBy('position')
      .executeTakeFirst();
    if (!first) continue;
    await tx.update('conversation_sessions', { session_id }, { title: titleOf(first.content) });
  }
}

/** Projects that hold no session any more, of those that the sessions belonged to. */
async function emptiedProjects(tx: WriteTransaction, projects: string[]): Promise<string[]> {
  if (projects.length === 0) return [];
  const left = await tx.read
    .selectFrom('conversation_sessions')
    .select('project_id')
    .distinct()
    .where('project_id', 'in', projects)
    .execute();
  const used = new Set(left.map((row) => row.project_id));
  return projects.filter((id) => !used.has(id));
}

/** Turns of which no message is left: what names them goes too. */
async function forgetTurns(tx: WriteTransaction, turns: string[]): Promise<void> {
  for (let at = 0; at < turns.length; at += STEP) {
    const step = turns.slice(at, at + STEP);
    const left = await tx.read
      .selectFrom('conversation_messages')
      .select('turn_id')
      .where('turn_id', 'in', step)
      .execute();
    const used = new Set(left.map((row) => row.turn_id));
    const gone = step.filter((id) => !used.has(id));
    await tx.delete('turn_refs', 'turn_id', gone);
  }
}

/**
 * Deletes messages and all that is kept of them, and sessions and projects that this leaves empty.
 * @param sessions these go even when they held no message
 * @returns ids of the sessions that went
 */
export async function removeMessages(
  tx: WriteTransaction,
  messages: DoomedMessage[],
  sessions: string[] = [],
): Promise<string[]> {
  const touched = [...new Set([...messages.map((row) => row.session_id), ...sessions])];
  const ids = messages.map((row) => row.message_id);
  await inSteps(ids, async (step) => {
    await buryMessages(tx, step);
    return deleteMessages(tx, step);
  });
  await forgetTurns(tx, [...new Set(messages.map((row) => row.turn_id))]);
  const empty = await emptied(tx, touched);
  const gone = new Set(empty);
  await retitle(
    tx,
    touched.filter((id) => !gone.has(id)),
  );
  await inSteps(empty, (step) => tx.delete('turn_refs', 'session_id', step));
  await inSteps(empty, (step) => tx.delete('atlas_thread', 'session_id', step));
  await inSteps(empty, (step) => tx.delete('context_entries', 'session_id', step));
  const projects = await projectsOf(tx, empty);
  await inSteps(empty, (step) => tx.delete('conversation_sessions', 'session_id', step));
  await removeEmptied(tx, projects);
  return empty;
}

/** Removes those projects that hold no session, and what is kept for them. */
async function removeEmptied(tx: WriteTransaction, projects: string[]): Promise<void> {
  const unused = await emptiedProjects(tx, projects);
  await tx.delete('project_aliases', 'project_id', unused);
  await tx.delete('context_entries', 'project_id', unused);
  await tx.delete('evaluation_runs', 'project_id', unused);
  await tx.delete('memory_vectors', 'project_id', unused);
  await tx.delete('projects', 'project_id', unused);
}

async function projectsOf(tx: WriteTransaction, sessions: string[]): Promise<string[]> {
  if (sessions.length === 0) return [];
  const rows = await tx.read
    .selectFrom('conversation_sessions')
    .select('project_id')
    .distinct()
    .where('session_id', 'in', sessions)
    .execute();
  return rows.map((row) => row.project_id);
}

/**
 * Deletes messages that match every part of the filter, and sessions and projects that this leaves
 * empty.
 * @throws TurnkeepError `invalid_request` without any filter, `not_found` for an unknown project.
 */
export async function deleteMatching(
  database: Database,
  filter: DeleteFilter,
  dryRun: boolean,
): Promise<DeleteCount> {
  if (Object.values(filter).every((value) => value === undefined)) {
    throw new TurnkeepError(
      'invalid_request',
      'Say what to delete: give turn_id, session_id, project or older_than_days.',
    );
  }
  const project = filter.project ? await findProject(database, filter.project) : null;
  const count = await database.write(async (tx) => {
    const rows = await matching(tx, filter, project?.project_id ?? null);
    const named = await namedSession(tx, filter);
    const found = {
      turns: new Set(rows.map((row) => row.turn_id)).size,
      messages: rows.length,
    };
    if (dryRun) {
      const sessions = new Set([...rows.map((row) => row.session_id), ...named]);
      return { ...found, sessions: sessions.size };
    }
    const sessions = (await removeMessages(tx, rows, named)).length;
    // One in which nothing was said may hold context all the same.
    if (project) await removeEmptied(tx, [project.project_id]);
    return { ...found, sessions };
  });
  // Deleted text must leave the disk, not only the answers.
  if (!dryRun && (count.messages > 0 || project)) await database.checkpoint();
  return count;
}
