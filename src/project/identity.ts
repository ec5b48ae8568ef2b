import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import type { ProjectRef } from '../contracts/context.ts';
import { TurnkeepError } from '../contracts/errors.ts';
import { findRepository } from './gitConfig.ts';
import { remoteIdentity } from './remote.ts';

const LONGEST_NAME = 200;
const LONGEST_PATH = 1000;

/**
 * The project that a folder belongs to. A given name is the project. Else a git repository is known
 * by its remote, so that clones and worktrees are one project, and a monorepo with all its packages
 * too; without a remote, and without git, by its real path. A path of another system (a transcript
 * may come from another machine) is taken as it is. Throws `invalid_request` for a name over 200
 * characters.
 */
export async function resolveProject(options: { cwd: string; name?: string }): Promise<ProjectRef> {
  const name = options.name?.trim();
  if (name && name.length > LONGEST_NAME) {
    throw new TurnkeepError(
      'invalid_request',
      `The project name has ${name.length} characters; it may have up to ${LONGEST_NAME}.`,
    );
  }
  if (name) return { key: `name:${name}`, name };
  if (isForeign(options.cwd)) return { key: pathKey(options.cwd), name: lastPart(options.cwd) };
  const folder = await realpath(options.cwd).catch(() => resolve(options.cwd));
  const repository = await findRepository(folder);
  if (!repository) return { key: pathKey(folder), name: lastPart(folder), root: folder };
  const { root, sharedRoot, remote: address } = repository;
  const remote = address === null ? null : remoteIdentity(address);
  return remote
    ? { key: gitKey(remote), name: lastPart(remote), root }
    : { key: pathKey(sharedRoot), name: lastPart(sharedRoot), root };
}

/** A Windows path where this is not Windows: `resolve` would put it below the current folder. */
function isForeign(folder: string): boolean {
  return !isAbsolute(folder) && /^(?:[a-z]:[\\/]|\\\\)/i.test(folder);
}

/** Identity of a repository: hosts find it whatever the case of its path. */
function gitKey(remote: string): string {
  const identity = remote.toLowerCase();
  if (identity.length <= LONGEST_PATH) return `git:${identity}`;
  return `git:sha256:${createHash('sha256').update(identity).digest('hex')}`;
}

/**
 * Identity of a folder: `path:` and the path, with one spelling of a Windows drive; of a path too
 * long for an identity, its SHA-256.
 */
export function pathKey(folder: string): string {
  const windows = /^[a-z]:[\\/]/i.test(folder);
  const path = windows
    ? `${folder.charAt(0).toUpperCase()}${folder.slice(1).replaceAll('\\', '/')}`
    : folder;
  if (path.length <= LONGEST_PATH) return `path:${path}`;
  return `path:sha256:${createHash('sha256').update(path).digest('hex')}`;
}

/** Last part of a path or address of either system; the whole when it has none. */
function lastPart(path: string): string {
  return (path.split(/[\\/]/).findLast((part) => part !== '') ?? path).slice(0, LONGEST_NAME);
}
