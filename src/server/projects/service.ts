import { sql } from 'kysely';
import type { ProjectRef } from '../../contracts/context.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import { uuidv7 } from '../platform/ids.ts';

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

/** The id of a project, made if it is new; a known one keeps its name and takes a new root. */
export async function ensureProject(
  tx: WriteTransaction,
  project: ProjectRef,
  now: string,
): Promise<string> {
  const find = () =>
    tx.read
      .selectFrom('projects')
      .select(['project_id', 'root'])
      .where('key', '=', project.key)
      .executeTakeFirst();
  const found = await find();
  if (found) {
    if (project.root && project.root !== found.root) {
      await tx.update('projects', { project_id: found.project_id }, { root: project.root });
    }
    return found.project_id;
  }
  await tx.insert('projects', [
    {
      project_id: uuidv7(),
      key: project.key,
      name: project.name,
      root: project.root ?? null,
      created_at: now,
    },
  ]);
  // Read back: on a shared PostgreSQL another server may have made it a moment ago.
  const made = await find();
  if (!made) throw new TurnkeepError('internal_error', 'The project could not be created.');
  return made.project_id;
}

/**
 * The projects that a filter names: by id, by key or by name, in this order of preference.
 * @throws TurnkeepError `not_found`, or `conflict` when a name is that of several projects.
 */
export async function findProject(
  database: Database,
  filter: string,
): Promise<{ project_id: string; name: string }> {
  const rows = await database.read
    .selectFrom('projects')
    .select(['project_id', 'key', 'name'])
    .where((eb) =>
      eb.or([eb('project_id', '=', filter), eb('key', '=', filter), eb('name', '=', filter)]),
    )
    .execute();
  const exact = rows.find((row) => row.project_id === filter || row.key === filter);
  if (exact) return exact;
  const [only, ...others] = rows;
  if (!only) {
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

/** The project of this key if anything was stored in it. */
export function findKnownProject(
  database: Database,
  key: string,
): Promise<{ project_id: string; name: string; root: string | null } | undefined> {
  return database.read
    .selectFrom('projects')
    .select(['project_id', 'name', 'root'])
    .where('key', '=', key)
    .executeTakeFirst();
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
