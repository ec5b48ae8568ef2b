import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ProjectRef } from '../contracts/context.ts';
import { TurnkeepError } from '../contracts/errors.ts';
import { findRepository } from './gitConfig.ts';

const LONGEST_NAME = 200;
const LONGEST_PATH = 1000;

/**
 * The project that a folder belongs to. A given name is the project. Else a git repository is known
 * by its remote `origin`, so that clones and worktrees are one project; without a remote, and
 * without git, by its real path. Throws `invalid_request` for a name over 200 characters.
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
  const folder = await realpath(options.cwd).catch(() => resolve(options.cwd));
  const repository = await findRepository(folder);
  if (!repository) return { key: pathKey(folder), name: lastPart(folder), root: folder };
  const { root, sharedRoot, origin } = repository;
  const remote = origin === null ? null : remoteIdentity(origin);
  return remote
    ? { key: `git:${remote}`, name: lastPart(remote), root }
    : { key: pathKey(sharedRoot), name: lastPart(sharedRoot), root };
}

/**
 * `host/owner/name` of a remote's address: without credentials, port or `.git`, the host in lower
 * case. Null when the address is a local folder.
 */
export function remoteIdentity(address: string): string | null {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? parseUrl(address) : null;
  // `user@host:path`; a single letter before the colon is a Windows drive.
  const scp = url ? null : /^(?:[^@/\\]*@)?([^:/\\]{2,}):(?!\/\/)(.+)$/.exec(address);
  const host = url ? url.hostname : scp?.[1];
  const path = (url ? url.pathname : scp?.[2])
    ?.replace(/[?#].*$/, '')
    .replace(/^\/+|\/+$/g, '')
    .replace(/\.git$/i, '');
  return host && path ? `${host.toLowerCase()}/${path}` : null;
}

function parseUrl(address: string): URL | null {
  try {
    const url = new URL(address);
    return url.protocol === 'file:' ? null : url;
  } catch {
    return null;
  }
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
