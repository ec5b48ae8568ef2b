import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, posix, relative, resolve, win32 } from 'node:path';
import { TurnkeepError } from '../../contracts/errors.ts';

const DEVICES = /^\/(dev|proc|sys)(\/|$)/;
const WINDOWS_DEVICES = /^(\\\\|\/\/)[.?]([\\/]|$)/;
const WINDOWS_NAMES = /^(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(\.|:|$)/i;
const CONTROL = /\p{Cc}/u;

function refused(field: string, message: string): TurnkeepError {
  return new TurnkeepError('invalid_request', message, { fields: [{ path: field, message }] });
}

/**
 * Checks the spelling of a path that a caller names: whole, without a way back up, and no device.
 * Touches no file. A path of the other kind of system is taken too, since it may only name something.
 * @throws TurnkeepError `invalid_request` for the field.
 */
export function checkSpelling(path: string, field: string): void {
  if (CONTROL.test(path)) {
    throw refused(field, 'The path has a control character: leave it out.');
  }
  if (!posix.isAbsolute(path) && !/^([a-z]:[\\/]|\\\\)/i.test(path)) {
    throw refused(field, 'A whole path is expected, from the root or the drive on.');
  }
  const parts = path.split(/[\\/]/);
  if (parts.includes('..') || parts.includes('.')) {
    throw refused(field, 'The path has "." or ".." in it: give the path that is meant.');
  }
  const isDevice = DEVICES.test(posix.normalize(path)) || WINDOWS_DEVICES.test(path);
  if (isDevice || (win32.isAbsolute(path) && isWindows && parts.some(isDeviceName))) {
    throw refused(field, 'The path names a device or the system itself, and no file of yours.');
  }
}

const isWindows = process.platform === 'win32';
const isDeviceName = (part: string) => WINDOWS_NAMES.test(part);

/**
 * A file or folder of this machine that a caller names, as it is on disk.
 * @param kinds what it may be; `none` lets it be absent
 * @throws TurnkeepError `invalid_request` for a spelling that is refused, a link, a device or a pipe;
 *   `not_found` when it has to be there and is not.
 */
export async function namedPath(
  path: string,
  field: string,
  kinds: readonly ('file' | 'folder' | 'none')[],
): Promise<string> {
  checkSpelling(path, field);
  if (!isAbsolute(path)) throw refused(field, 'This is no path of this machine.');
  const whole = resolve(path);
  const found = await lstat(whole).catch(() => null);
  if (!found) {
    if (kinds.includes('none')) return whole;
    throw new TurnkeepError('not_found', `There is nothing at ${whole}.`, {
      fields: [{ path: field, message: 'Not there, or not readable.' }],
    });
  }
  if (found.isSymbolicLink()) throw refused(field, 'The path is a link: name what it leads to.');
  if (found.isFile() && kinds.includes('file')) return whole;
  if (found.isDirectory() && kinds.includes('folder')) return whole;
  throw refused(field, `A ${kinds.filter((kind) => kind !== 'none').join(' or ')} is expected.`);
}

/** Whether a path lies in a folder, once links on the way to it are followed. */
export async function isInside(path: string, folder: string): Promise<boolean> {
  const [real, root] = await Promise.all([realOf(path), realOf(folder)]);
  const way = relative(root, real);
  return way === '' || !(way.startsWith('..') || isAbsolute(way));
}

/** The real path, as far as it exists. */
async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(await realOf(above), basename(path));
  }
}
