import { TurnkeepError } from '../../contracts/errors.ts';
import type { Home } from '../../contracts/home.ts';
import type { ToolArguments, ToolOutput } from '../../contracts/tools.ts';
import { rewriteBackups } from '../database/backupRewrite.ts';
import type { BackupSelection } from '../database/backupSurvey.ts';
import type { Database } from '../database/database.ts';
import { findKnownProject, findProject, projectKeys } from '../projects/service.ts';
import { titleOf } from './content.ts';
import { cutoff, type DeleteFilter, deleteMatching } from './deleting.ts';
import { canName, removeWaiting } from './waiting.ts';

/** Where conversations are beside the database. */
export type Places = {
  home: Home;
  /** `databaseFingerprint` of the database that is served. */
  fingerprint: string;
};

type FoundProject = { project_id: string; key: string; name: string };

/**
 * Deletes conversations from the database with its index and journal, from the spool with the dead
 * letters, and where `backups` is set from the backups in the home.
 * @throws TurnkeepError `invalid_request` without any filter or for a damaged backup, `not_found`
 * for an unknown project; with `backups` that may be one that only backups hold.
 */
export async function deleteEverywhere(
  database: Database,
  places: Places,
  { dry_run, backups, ...filter }: ToolArguments<'delete_conversations'>,
): Promise<ToolOutput<'delete_conversations'>> {
  const project = await namedProject(database, filter, backups === true);
  if (dry_run || !Object.values(filter).some((value) => value !== undefined)) {
    const count = await counted(database, filter, project, true);
    return { ...count, deleted: false };
  }
  // What names the turns is asked for while they are there.
  const selection = await waitingSelection(database, filter, project);
  const fromBackups = backups ? await backupSelection(database, filter, project) : null;
  await removeWaiting(places.home, places.fingerprint, selection);
  const count = await counted(database, filter, project, false);
  if (!fromBackups) return { ...count, deleted: true };
  const tombstones = await database.read
    .selectFrom('turn_tombstones')
    .select(['tombstone_id', 'created_at'])
    .execute();
  const rewritten = await rewriteBackups(places.home.backups, fromBackups, { titleOf, tombstones });
  return { ...count, deleted: true, backups: rewritten };
}

/** Null without a project in the filter, and for one that only backups may hold. */
async function namedProject(
  database: Database,
  filter: DeleteFilter,
  mayBeUnknown: boolean,
): Promise<FoundProject | null> {
  if (filter.project === undefined) return null;
  try {
    return await findProject(database, filter.project);
  } catch (error) {
    if (mayBeUnknown && error instanceof TurnkeepError && error.code === 'not_found') return null;
    throw error;
  }
}

function counted(
  database: Database,
  filter: DeleteFilter,
  project: FoundProject | null,
  dryRun: boolean,
) {
  if (filter.project !== undefined && !project) return { sessions: 0, turns: 0, messages: 0 };
  return deleteMatching(database, filter, dryRun);
}

async function backupSelection(
  database: Database,
  filter: DeleteFilter,
  project: FoundProject | null,
): Promise<BackupSelection> {
  const { turn_id, session_id, older_than_days } = filter;
  const before = older_than_days === undefined ? undefined : cutoff(older_than_days);
  if (filter.project === undefined) return { turn_id, session_id, before };
  const keys = new Set(project ? await projectKeys(database, project.project_id) : []);
  const named = filter.project;
  const isNamed = (found: FoundProject) =>
    project
      ? found.project_id === project.project_id || keys.has(found.key)
      : [found.project_id, found.key, found.name].includes(named);
  return { turn_id, session_id, before, project: isNamed };
}

async function waitingSelection(
  database: Database,
  filter: DeleteFilter,
  project: FoundProject | null,
): Promise<Parameters<typeof removeWaiting>[2]> {
  const { turn_id, session_id, older_than_days } = filter;
  const names: Set<string>[] = [];
  if (turn_id !== undefined) names.push(await namesOf(database, 'turn_id', turn_id));
  if (session_id !== undefined) names.push(await namesOf(database, 'session_id', session_id));
  const named = filter.project;
  return {
    names,
    before: older_than_days === undefined ? null : cutoff(older_than_days),
    isProject:
      named === undefined
        ? null
        : async (ref) =>
            project
              ? (await findKnownProject(database, ref))?.project_id === project.project_id
              : ref.key === named || ref.name === named,
  };
}

/** All by which an entry of the spool can name a turn, or the turns of a session. */
async function namesOf(
  database: Database,
  column: 'turn_id' | 'session_id',
  id: string,
): Promise<Set<string>> {
  const names = new Set([id]);
  const messages = await database.read
    .selectFrom('conversation_messages')
    .select(['turn_id', 'event_id'])
    .where(column, '=', id)
    .execute();
  for (const { turn_id, event_id } of messages) {
    names.add(turn_id);
    const event = event_id?.replace(/:(query|response)$/, '');
    // The turns of a batch have the number of the turn behind the event of the batch.
    if (event) names.add(event).add(event.replace(/:\d+$/, ''));
  }
  const refs = await database.read
    .selectFrom('turn_refs')
    .select('ref')
    .where(column, '=', id)
    .execute();
  for (const { ref } of refs) names.add(ref.slice(ref.indexOf(':') + 1));
  if (column === 'session_id') {
    const session = await database.read
      .selectFrom('conversation_sessions')
      .select(['external_id', 'agent'])
      .where('session_id', '=', id)
      .executeTakeFirst();
    const { external_id = null, agent = null } = session ?? {};
    if (external_id?.startsWith(`${agent}/`)) names.add(external_id.slice(`${agent}/`.length));
  }
  return new Set([...names].filter(canName));
}
