import { access, constants, readdir, readFile, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Home } from '../../contracts/home.ts';
import { EMBEDDED_POSTGRES_MAJOR } from '../../contracts/server.ts';
import { bytes, count } from '../output/text.ts';
import { type Check, fail, ok, warn } from './check.ts';

const LEAST_FREE_BYTES = 200_000_000;
const OTHERS = 0o077;

/** Node, the home folder, its permissions and space, the token, the spool. Changes nothing. */
export async function homeChecks(home: Home): Promise<Check[]> {
  const checks = [nodeCheck(process.versions.node), await folderCheck(home)];
  if (!(await stat(home.root).catch(() => null))) return checks;
  checks.push(await spaceCheck(home), await tokenCheck(home));
  checks.push(await dataCheck(home), ...(await spoolChecks(home)));
  return checks;
}

export function nodeCheck(version: string): Check {
  const major = Number(version.split('.')[0]);
  if (major >= 20) return ok('node', `${version} at ${process.execPath}`);
  return fail('node', `${version} is too old`, 'Install Node.js 20 or later.');
}

async function folderCheck({ root }: Home): Promise<Check> {
  const found = await stat(root).catch((error: NodeJS.ErrnoException) => error.code);
  if (found === 'ENOENT') {
    return warn('home', `${root} does not exist yet`, 'The first capture makes it.');
  }
  if (typeof found !== 'object') {
    return fail(
      'home',
      `${root} cannot be read (${found})`,
      'Set TURNKEEP_HOME to a folder of yours.',
    );
  }
  if (!found.isDirectory()) {
    return fail('home', `${root} is not a folder`, 'Move that file away, or set TURNKEEP_HOME.');
  }
  if (
    process.platform !== 'win32' &&
    found.uid !== process.getuid?.() &&
    process.getuid?.() !== 0
  ) {
    return fail('home', `${root} belongs to another user`, `sudo chown -R "$(id -un)" "${root}"`);
  }
  const writable = await access(root, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!writable || (process.platform !== 'win32' && (found.mode & 0o300) !== 0o300)) {
    return fail('home', `${root} cannot be written`, `chmod 700 "${root}"`);
  }
  if (process.platform !== 'win32' && found.mode & OTHERS) {
    return warn(
      'home',
      `${root} is open to other users (${octal(found.mode)})`,
      `chmod 700 "${root}"`,
    );
  }
  return ok('home', root);
}

async function spaceCheck({ root }: Home): Promise<Check> {
  const { bavail, bsize } = await statfs(root);
  const free = bavail * bsize;
  if (free >= LEAST_FREE_BYTES) return ok('disk space', `${bytes(free)} free`);
  return warn('disk space', `only ${bytes(free)} free`, 'Free some space: captures need it.');
}

async function tokenCheck({ token }: Home): Promise<Check> {
  const found = await stat(token).catch(() => null);
  if (!found)
    return warn('token', 'there is none yet', 'The server writes it when it first starts.');
  const text = await readFile(token, 'utf8').catch(() => null);
  if (text === null) return fail('token', `${token} cannot be read`, `chmod 600 "${token}"`);
  if (text.trim() === '') {
    return fail(
      'token',
      `${token} is empty`,
      'Delete it, then: turnkeep stop; the next start writes a new one.',
    );
  }
  if (process.platform !== 'win32' && found.mode & OTHERS) {
    return fail(
      'token',
      `${token} is open to other users (${octal(found.mode)})`,
      `chmod 600 "${token}"`,
    );
  }
  return ok('token', token);
}

async function dataCheck({ data }: Home): Promise<Check> {
  const version = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => null);
  if (version && version.trim() !== String(EMBEDDED_POSTGRES_MAJOR)) {
    return fail(
      'data folder',
      `${data} is of PostgreSQL ${version.trim()}, this Turnkeep has ${EMBEDDED_POSTGRES_MAJOR}`,
      'turnkeep db restore FILE --fresh sets it aside and loads the newest backup of backups/',
    );
  }
  if (version) return ok('data folder', `${data}, PostgreSQL ${version.trim()}`);
  const names = await readdir(data).catch((): string[] => []);
  if (names.length === 0)
    return ok('data folder', 'none: not made yet, or a PostgreSQL server is used');
  return fail(
    'data folder',
    `${data} holds something that is no database`,
    'Move it away, then restore a backup: turnkeep db restore FILE --fresh',
  );
}

async function spoolChecks({ spool, deadLetters }: Home): Promise<Check[]> {
  const jsonIn = async (folder: string) => {
    const names = await readdir(folder).catch((): string[] => []);
    return names.filter((name) => name.endsWith('.json')).length;
  };
  const [waiting, dead] = await Promise.all([jsonIn(spool), jsonIn(deadLetters)]);
  const checks = [
    waiting === 0
      ? ok('spool', 'nothing waits')
      : warn(
          'spool',
          `${count(waiting, 'capture')} wait`,
          'They arrive within seconds of a server running.',
        ),
  ];
  if (dead > 0) {
    checks.push(
      warn(
        'dead letters',
        `${count(dead, 'capture')} could not be taken in`,
        `turnkeep capture dead-letters tells why; with --retry they are taken in again. They are in ${deadLetters}.`,
      ),
    );
  }
  return checks;
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, '0');
}
