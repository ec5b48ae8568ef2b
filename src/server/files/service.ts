import type { Stats } from 'node:fs';
import { constants, type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { CallContext } from '../../contracts/context.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import { isNetworkPath } from '../../project/folder.ts';
import { checkSpelling } from '../platform/paths.ts';

function refused(field: string, message: string): TurnkeepError {
  return new TurnkeepError('invalid_request', message, { fields: [{ path: field, message }] });
}

/**
 * The real path of the folder that a call is about. A caller says itself which one that is, so it
 * must be one that a project can be in: no drive, no home, and nothing of the Turnkeep home.
 * @param home folder of the Turnkeep home
 * @throws TurnkeepError `invalid_request` without a folder, or for one that is none of a project.
 */
export async function projectRoot(context: CallContext, home: string): Promise<string> {
  const root = context.project?.root;
  if (root === undefined) {
    throw new TurnkeepError(
      'invalid_request',
      'This call names no project folder. Call from a folder (turnkeep, turnkeep mcp, the editor), or give `project.root` in the header X-Turnkeep-Context.',
    );
  }
  checkSpelling(root, 'project.root');
  if (!isAbsolute(root) || isNetworkPath(root)) {
    throw refused('project.root', 'The project folder is not one of this machine.');
  }
  const real = await realpath(root).catch(() => null);
  if (real === null || !(await stat(real)).isDirectory()) {
    throw refused('project.root', `The project folder ${root} is not there.`);
  }
  const [person, own] = await Promise.all([realOf(homedir()), realOf(home)]);
  if (holds(real, person) || holds(real, own) || holds(own, real)) {
    throw refused('project.root', `${root} is no folder of a project.`);
  }
  return real;
}

const realOf = (path: string) => realpath(path).catch(() => resolve(path));

/** Whether `path` is the folder or lies in it; both are real paths. */
function holds(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || !(way.split(sep)[0] === '..' || isAbsolute(way));
}

/** A file inside of a root: its real path, and its place in the root with slashes. */
export type FileInside = { path: string; place: string };

/**
 * The file that a caller names inside a root, by its place in it or by its whole path. Links are
 * followed, and may not lead out.
 * @param root a real path, as `projectRoot` gives it
 * @throws TurnkeepError `invalid_request` for a path that leads out, a folder, a device or a pipe;
 *   `not_found` when it is not there.
 */
export async function fileInside(root: string, given: string, field: string): Promise<FileInside> {
  const isWhole = isAbsolute(given) || /^([a-z]:|[\\/])/i.test(given);
  const whole = isWhole ? given : join(root, given);
  if (given.split(/[\\/]/).includes('..')) {
    throw refused(field, 'The path has ".." in it: give the place of the file in the project.');
  }
  checkSpelling(
    isWhole ? whole : `${root}${sep}${given.replace(/(^|[\\/])\.(?=[\\/])/g, '')}`,
    field,
  );
  const path = await realpath(whole).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ELOOP') throw refused(field, 'The path is a link that leads nowhere.');
    return null;
  });
  // What is outside is not told apart by whether it is there.
  if (isWhole && !holds(root, path ?? (await realAbove(whole)))) throw outside(field);
  if (path === null) {
    throw new TurnkeepError('not_found', `There is no file ${given} in the project.`, {
      fields: [{ path: field, message: 'Not there, or not readable.' }],
    });
  }
  if (!holds(root, path)) throw outside(field);
  const found = await stat(path);
  if (!found.isFile()) throw refused(field, `${given} is no regular file.`);
  return { path, place: relative(root, path).split(sep).join('/') };
}

function outside(field: string): TurnkeepError {
  return refused(field, 'The path leads out of the project folder.');
}

/** The real path of the nearest folder above that is there. */
async function realAbove(path: string): Promise<string> {
  const above = dirname(resolve(path));
  return realpath(above).catch(() => (above === dirname(above) ? above : realAbove(above)));
}

/**
 * Opens a file for reading, as it was looked at: a link or a pipe that was put in its place
 * meanwhile is refused.
 */
async function openPlain(path: string): Promise<{ handle: FileHandle; stats: Stats }> {
  // Windows has neither; there a link needs a privilege, and a pipe is no file.
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  const stats = await handle.stat();
  if (stats.isFile()) return { handle, stats };
  await handle.close();
  throw new TurnkeepError('invalid_request', 'A regular file is expected.');
}

/** The first bytes of a file, up to `maxBytes`, and how many it has in all. */
export async function readStart(
  path: string,
  maxBytes: number,
): Promise<{ bytes: Buffer; size: number }> {
  const { handle, stats } = await openPlain(path);
  try {
    const buffer = Buffer.alloc(Math.min(stats.size, maxBytes));
    let read = 0;
    while (read < buffer.length) {
      const { bytesRead } = await handle.read(buffer, read, buffer.length - read, read);
      if (bytesRead === 0) break;
      read += bytesRead;
    }
    return { bytes: buffer.subarray(0, read), size: stats.size };
  } finally {
    await handle.close();
  }
}
