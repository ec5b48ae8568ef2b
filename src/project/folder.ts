import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, resolve } from 'node:path';
import type { ProjectRef } from '../contracts/context.ts';
import { findRepository } from './gitConfig.ts';

/** A folder as the file system knows it, whatever it is called. */
export type Folder = {
  path: string;
  /**
   * Computer, device and inode: it stays when the folder is renamed or moved on its file system.
   * The computer is in it because several may share one database.
   */
  id: string;
  /** When it was made, ms since 1970; null where the file system does not tell. */
  bornAt: number | null;
};

const COMPUTER = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/**
 * Whether looking at a path asks another computer, as `\\host\share` does on Windows. What a
 * caller names is not looked at then: that would send the person's sign-in there.
 */
export function isNetworkPath(path: string): boolean {
  return process.platform === 'win32' && /^[\\/]{2}/.test(path);
}

/** The folder at a path; null when there is none, or when it cannot be told from others. */
export async function folderAt(path: string): Promise<Folder | null> {
  if (isNetworkPath(path)) return null;
  // As bigint: inodes of Windows do not fit a double.
  const found = await stat(path, { bigint: true }).catch(() => null);
  if (!found?.isDirectory() || found.ino === 0n) return null;
  return {
    path,
    id: `${COMPUTER}:${found.dev}:${found.ino}`,
    bornAt: found.birthtimeMs > 0n ? Number(found.birthtimeMs) : null,
  };
}

/** The path in a key `path:…`; null in other keys, and where it was too long for one. */
export function pathOfKey(key: string): string | null {
  return key.startsWith('path:') && !key.startsWith('path:sha256:') ? key.slice(5) : null;
}

/**
 * The folder that a project is known by: of a repository the one that all its worktrees share, else
 * the root. Null for a project without a folder, and when that is gone.
 */
export async function folderOf(project: ProjectRef): Promise<Folder | null> {
  const path = pathOfKey(project.key);
  if (path !== null) return folderAt(path);
  if (!project.root || isNetworkPath(project.root)) return null;
  const repository = project.key.startsWith('git:') ? await findRepository(project.root) : null;
  return folderAt(repository?.sharedRoot ?? project.root);
}

/**
 * Whether a folder was there at a time (ISO 8601), and so can be the one that was known then and not
 * another that was given its inode later. Null where the file system does not tell.
 */
export function wasThere(folder: Folder, at: string): boolean | null {
  return folder.bornAt === null ? null : folder.bornAt <= Date.parse(at);
}

/**
 * Whether a folder can be one that is gone from its old path: it was there when that one was known,
 * and it was moved under its name or renamed in its place. Where the file system does not tell when
 * it was made, it must have kept its name. Devices and inodes alone are not enough: another disk may
 * have taken both.
 */
export function canHaveMoved(folder: Folder, knownSince: string, oldPath: string): boolean {
  const there = wasThere(folder, knownSince);
  if (basename(folder.path) === basename(oldPath)) return there !== false;
  return there === true && resolve(dirname(folder.path)) === resolve(dirname(oldPath));
}
