import { sql } from 'kysely';
import type { ProjectRef } from '../../contracts/context.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import { uuidv7 } from '../platform/ids.ts';
import { adopt, folderOfCall, formerProject, giveUpKey } from './folders.ts';
import {
  addAlias,
  aliasesOf,
  type KnownProject,
  keyLeadsTo,
  projectByKey,
  projectByOtherCase,
  type Read,
} from './keys.ts';

/** Where calls go that name no project (a plain `curl`). */
export const DEFAULT_PROJECT: ProjectRef = { key: 'default', name: 'default' };

/** The project as `--project NAME` and imports name it. */
export function namedProject(name: string): ProjectRef {
  return { key: `name:${name}`, name };
}

const KEY = /^(git|path|name):(.+)$|^default$/;

/** The project that a JSONL line names: by its key as an export writes it, or by a plain name. */
export function projectOfLine(text: string): ProjectRef {
  const parts = KEY.exec(text);
  if (!parts) return namedProject(text);
  const rest = parts[2] ?? text;
  return { key: text, name: parts[1] === 'name' ? rest : rest.split(/[\\/]/).pop() || rest };
}

/** How an export names a project, so that an import elsewhere makes the same one of it. */
export function lineOfProject(project: { key: string; name: string }): string {
  return project.key === namedProject(project.name).key ? project.name : project.key;
}

/** Condition on a query that has `projects as p`: the key leads to the project. */
export const projectHasKey = keyLeadsTo;

/**
 * The id of a project, made if it is new; a known one keeps its name and takes a new root. A folder
 * that was known under another key keeps its project, and the new key becomes an alias.
 */
export async function ensureProject(
  tx: WriteTransaction,
  project: ProjectRef,
  now: string,
): Promise<string> {
  const known = await projectByKey(tx.read, project.key);
  if (known && known.key !== project.key) return known.project_id;
  if (known && !(await isReplaced(tx, known, project))) return known.project_id;
  const folder = await folderOfCall(project);
  const other = known ? undefined : await projectByOtherCase(tx.read, project.key);
  if (other) {
    await addAlias(tx, project.key, other.project_id, now);
    return other.project_id;
  }
  const former = folder && !known ? await formerProject(tx.read, folder) : undefined;
  if (former && folder) {
    await adopt(tx, former, project, folder, now);
    return former.project_id;
  }
  await tx.insert('projects', [
    {
      project_id: uuidv7(),
      key: project.key,
      name: project.name,
      root: project.root ?? null,
      folder_id: folder?.id ?? null,
      created_at: now,
    },
  ]);
  // Read back: on a shared PostgreSQL another server may have made it a moment ago.
  const made = await projectByKey(tx.read, project.key);
  if (!made) throw new TurnkeepError('internal_error', 'The project could not be created.');
  return made.project_id;
}

/**
 * Notes where a known project is now. True when it has moved away and another folder is in its
 * place, which is then a project of its own.
 */
async function isReplaced(
  tx: WriteTransaction,
  known: KnownProject,
  project: ProjectRef,
): Promise<boolean> {
  const hasMoved = project.root !== undefined && project.root !== known.root;
  if (!hasMoved && known.folder_id !== null) return false;
  const folder = await folderOfCall(project);
  if (folder && (await giveUpKey(tx, known, folder))) return true;
  const set = {
    ...(hasMoved ? { root: project.root ?? null } : {}),
    ...(folder && folder.id !== known.folder_id ? { folder_id: folder.id } : {}),
  };
  const { project_id } = known;
  if (Object.keys(set).length > 0) await tx.update('projects', { project_id }, set);
  return false;
}

/**
 * The project that a filter names: by id, by one of its keys or by name, in this order.
 * @throws TurnkeepError `not_found`, or `conflict` when a name is that of several projects.
 */
export async function findProject(
  database: Database,
  filter: string,
): Promise<{ project_id: string; key: string; name: string }> {
  const rows = await database.read
    .selectFrom('projects as p')
    .select(['p.project_id', 'p.key', 'p.name'])
    .select(keyLeadsTo(filter).as('by_key'))
    .where((eb) =>
      eb.or([eb('p.project_id', '=', filter), keyLeadsTo(filter), eb('p.name', '=', filter)]),
    )
    .execute();
  const exact =
    rows.find((row) => row.project_id === filter || row.key === filter) ??
    rows.find((row) => row.by_key);
  if (exact) return exact;
  const [only, ...others] = rows;
  if (!only) {
    const other = await projectByOtherCase(database.read, filter);
    if (other) return other;
    throw new TurnkeepError('not_found', `There is no project "${filter}".`);
  }
  if (others.length > 0) {
    // A name given on the command line means the project that was made by that very name.
    const named = rows.find((row) => row.key === namedProject(filter).key);
    if (named) return named;
    const keys = rows.map((row) => row.key).join(', ');
    throw new TurnkeepError(
      'conflict',
      `"${filter}" is the name of several projects: ${keys}. Give one of these keys.`,
    );
  }
  return only;
}

/**
 * The project that a call names, or a key alone, if anything was stored in it; also when its folder
 * was known under another key so far.
 */
export async function findKnownProject(
  database: { readonly read: Read },
  named: ProjectRef | string,
): Promise<{ project_id: string; name: string; root: string | null } | undefined> {
  const project = typeof named === 'string' ? { key: named, name: named } : named;
  const known =
    (await projectByKey(database.read, project.key)) ??
    (await projectByOtherCase(database.read, project.key));
  if (known) return known;
  const folder = await folderOfCall(project);
  return folder ? formerProject(database.read, folder) : undefined;
}

/** Every key that leads to a project. */
export async function projectKeys(database: Database, projectId: string): Promise<string[]> {
  const own = await database.read
    .selectFrom('projects')
    .select('key')
    .where('project_id', '=', projectId)
    .execute();
  return [...own.map((row) => row.key), ...(await aliasesOf(database.read, projectId))];
}

/** Sessions and turns of one project. */
export async function countProject(
  database: Database,
  projectId: string,
): Promise<{ sessions: number; turns: number }> {
  const row = await database.read
    .selectFrom('conversation_sessions as s')
    .leftJoin('conversation_messages as m', 'm.session_id', 's.session_id')
    .select([
      sql<string>`count(distinct s.session_id)`.as('sessions'),
      sql<string>`count(distinct m.turn_id)`.as('turns'),
    ])
    .where('s.project_id', '=', projectId)
    .executeTakeFirstOrThrow();
  return { sessions: Number(row.sessions), turns: Number(row.turns) };
}
