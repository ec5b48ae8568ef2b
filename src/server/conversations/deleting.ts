import { TurnkeepError } from '../../contracts/errors.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import { findProject } from '../projects/service.ts';
import { titleOf } from './content.ts';
import { deleteMessages } from './rows.ts';

export type DeleteFilter = {
  turn_id?: string | undefined;
  session_id?: string | undefined;
  project?: string | undefined;
  older_than_days?: number | undefined;
};
export type DeleteCount = { sessions: number; turns: number; messages: number };

/** Rows go in steps of this many, so that one statement's parameters stay few. */
const STEP = 5_000;

async function inSteps(values: string[], remove: (step: string[]) => Promise<number>) {
  for (let at = 0; at < values.length; at += STEP) await remove(values.slice(at, at + STEP));
}

async function matching(tx: WriteTransaction, filter: DeleteFilter, projectId: string | null) {
  let query = tx.read
    .selectFrom('conversation_messages as m')
    .innerJoin('conversation_sessions as s', 's.session_id', 'm.session_id')
    .select(['m.message_id', 'm.turn_id', 'm.session_id', 's.project_id']);
  if (filter.turn_id) query = query.where('m.turn_id', '=', filter.turn_id);
  if (filter.session_id) query = query.where('m.session_id', '=', filter.session_id);
  if (projectId) query = query.where('s.project_id', '=', projectId);
  if (filter.older_than_days !== undefined) {
    const before = new Date(Date.now() - filter.older_than_days * 86_400_000).toISOString();
    query = query.where('m.created_at', '<', before);
  }
  return query.execute();
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
    const touched = new Set(rows.map((row) => row.session_id));
    if (filter.session_id) touched.add(filter.session_id);
    const found = {
      turns: new Set(rows.map((row) => row.turn_id)).size,
      messages: rows.length,
    };
    if (dryRun) return { ...found, sessions: touched.size };
    const ids = rows.map((row) => row.message_id);
    await inSteps(ids, (step) => deleteMessages(tx, step));
    const empty = await emptied(tx, [...touched]);
    await retitle(
      tx,
      [...touched].filter((id) => !empty.includes(id)),
    );
    await inSteps(empty, (step) => tx.delete('atlas_thread', 'session_id', step));
    await inSteps(empty, (step) => tx.delete('conversation_sessions', 'session_id', step));
    const projects = await emptiedProjects(tx, [...new Set(rows.map((row) => row.project_id))]);
    await tx.delete('projects', 'project_id', projects);
    return { ...found, sessions: empty.length };
  });
  // Deleted text must leave the disk, not only the answers.
  if (!dryRun && count.messages > 0) await database.checkpoint();
  return count;
}
