import type { ProjectRef } from '../../contracts/context.ts';
import {
  canHaveMoved,
  type Folder,
  folderAt,
  folderOf,
  pathOfKey,
  wasThere,
} from '../../project/folder.ts';
import { findRepository } from '../../project/gitConfig.ts';
import { pathKey } from '../../project/identity.ts';
import type { WriteTransaction } from '../database/database.ts';
import { addAlias, type KnownProject, projectsOfFolder, type Read, removeAlias } from './keys.ts';

/*
 * A folder stays the same project when it is renamed or moved, when its repository gets a remote,
 * and when the remote is renamed. Each gives it a new key; the inode of the folder tells that it is
 * the old one. Two folders that both exist are never made one project by this.
 */

/** The folder of a project that a call names by a path or a repository; others have none. */
export async function folderOfCall(project: ProjectRef): Promise<Folder | null> {
  return /^(path|git):/.test(project.key) ? folderOf(project) : null;
}

/** The known project whose folder this is, under a key that it did not have so far. */
export async function formerProject(read: Read, folder: Folder): Promise<KnownProject | undefined> {
  for (const known of await projectsOfFolder(read, folder.id, pathKey(folder.path))) {
    if (await isIn(known, folder)) return known;
  }
  return undefined;
}

/** Whether a project is in this folder, or its places are gone and it can have moved there. */
async function isIn(known: KnownProject, folder: Folder): Promise<boolean> {
  const since = known.created_at;
  const places = [pathOfKey(known.key), known.root].filter((place) => place !== null);
  let isElsewhere = false;
  for (const place of new Set(places)) {
    const found = await sharedFolderAt(place);
    if (found?.id === folder.id) return wasThere(folder, since) !== false;
    isElsewhere ||= found !== null;
  }
  return !isElsewhere && places.some((place) => canHaveMoved(folder, since, place));
}

/** The folder at a path; of a worktree the one of its repository. */
async function sharedFolderAt(path: string): Promise<Folder | null> {
  const found = await folderAt(path);
  const repository = found && (await findRepository(path));
  return repository?.root === path ? folderAt(repository.sharedRoot) : found;
}

/**
 * A folder that turns up where a moved project once was is another project: the moved one, which is
 * where it was last seen, gives up the key and goes by its new path. False when it has not moved.
 */
export async function giveUpKey(
  tx: WriteTransaction,
  known: KnownProject,
  folder: Folder,
): Promise<boolean> {
  const { project_id, folder_id, root } = known;
  if (pathOfKey(known.key) !== folder.path || root === null) return false;
  if (folder_id === null || folder_id === folder.id) return false;
  if ((await folderAt(root))?.id !== folder_id) return false;
  // Only what was made an alias when the project moved can become its key.
  if (!(await removeAlias(tx, pathKey(root)))) return false;
  await tx.update('projects', { project_id }, { key: pathKey(root) });
  return true;
}

/** Lets a known project go on under the key that its folder has now. */
export async function adopt(
  tx: WriteTransaction,
  known: KnownProject,
  project: ProjectRef,
  folder: Folder,
  now: string,
): Promise<void> {
  await addAlias(tx, project.key, known.project_id, now);
  const root = project.root ?? folder.path;
  await tx.update('projects', { project_id: known.project_id }, { root, folder_id: folder.id });
}
