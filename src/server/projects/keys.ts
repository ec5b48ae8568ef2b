import { createHash } from 'node:crypto';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { WriteTransaction } from '../database/database.ts';
import type { DatabaseSchema } from '../database/schema.ts';

export type Read = Kysely<DatabaseSchema>;
export type KnownProject = {
  project_id: string;
  key: string;
  name: string;
  root: string | null;
  folder_id: string | null;
  created_at: string;
};

const COLUMNS = ['project_id', 'key', 'name', 'root', 'folder_id', 'created_at'] as const;

/** Condition on a query that has `projects as p`: a key is its own or one of its aliases. */
export function keyLeadsTo(key: string): RawBuilder<boolean> {
  return sql<boolean>`(p.key = ${key} or p.project_id = (
    select a.project_id from project_aliases a where md5(a.key) = md5(${key}) and a.key = ${key}))`;
}

/** The project that a key leads to. */
export async function projectByKey(read: Read, key: string): Promise<KnownProject | undefined> {
  const rows = await read
    .selectFrom('projects as p')
    .select(COLUMNS)
    .where(keyLeadsTo(key))
    .execute();
  return rows.find((row) => row.key === key) ?? rows[0];
}

/** The project of a repository whose key was stored with capitals, as earlier versions did. */
export async function projectByOtherCase(
  read: Read,
  key: string,
): Promise<KnownProject | undefined> {
  if (!key.startsWith('git:')) return undefined;
  return read
    .selectFrom('projects as p')
    .select(COLUMNS)
    .where(sql<boolean>`lower(p.key) = ${key.toLowerCase()}`)
    .orderBy('created_at')
    .executeTakeFirst();
}

/** Projects whose folder this can be: by the file system's name of it, or by its path as key. */
export function projectsOfFolder(
  read: Read,
  folderId: string,
  pathKey: string,
): Promise<KnownProject[]> {
  return read
    .selectFrom('projects as p')
    .select(COLUMNS)
    .where((eb) =>
      eb.or([
        eb('folder_id', '=', folderId),
        eb.and([eb('folder_id', 'is', null), eb('key', '=', pathKey)]),
      ]),
    )
    .orderBy('created_at')
    .execute();
}

/** The other keys of a project, in the order in which they were added. */
export async function aliasesOf(read: Read, projectId: string): Promise<string[]> {
  const rows = await read
    .selectFrom('project_aliases')
    .select('key')
    .where('project_id', '=', projectId)
    .orderBy('created_at')
    .orderBy('key')
    .execute();
  return rows.map((row) => row.key);
}

/** Makes a key lead to a project, wherever it led before. */
export async function addAlias(
  tx: WriteTransaction,
  key: string,
  projectId: string,
  now: string,
): Promise<void> {
  await removeAlias(tx, key);
  await tx.insert('project_aliases', [
    { alias_id: aliasId(key), key, project_id: projectId, created_at: now },
  ]);
}

/** Takes an alias away; gives whether there was one. */
export async function removeAlias(tx: WriteTransaction, key: string): Promise<boolean> {
  return (await tx.delete('project_aliases', 'alias_id', [aliasId(key)])) > 0;
}

function aliasId(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}
