import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { TurnkeepError } from '../../../contracts/errors.ts';
import type { Home } from '../../../contracts/home.ts';
import { EMBEDDED_POSTGRES_MAJOR } from '../../../contracts/server.ts';
import { errorCode } from '../errors.ts';
import { moveFolder } from './moveFolder.ts';

/** PostgreSQL major version of the engine that this version of Turnkeep carries. */

/**
 * Looks at a data folder before anything opens it: `ready`, or `absent` when there is none (or an
 * empty one). Throws `data_version_mismatch` for a folder of another PostgreSQL major and
 * `database_unavailable` for one that is not whole, naming the mend.
 */
export async function inspectData(home: Home): Promise<'ready' | 'absent'> {
  const names = await listing(home.data);
  if (names.length === 0) return 'absent';
  const version = await dataMajor(home.data);
  if (version === String(EMBEDDED_POSTGRES_MAJOR)) {
    if (names.includes('global') && names.includes('base') && names.includes('pg_wal')) {
      return 'ready';
    }
    throw damaged(home.data, 'parts of it are missing');
  }
  if (version === null) throw damaged(home.data, 'it has no PG_VERSION file');
  throw new TurnkeepError(
    'data_version_mismatch',
    `${home.data} was made by PostgreSQL ${version}; this Turnkeep has PostgreSQL ` +
      `${EMBEDDED_POSTGRES_MAJOR}, which cannot open it. ${mend(await newestBackup(home.backups))}`,
  );
}

/** The error for a data folder that cannot be used, with the mend. */
export function damaged(folder: string, reason: string, cause?: unknown): TurnkeepError {
  return new TurnkeepError(
    'database_unavailable',
    `The data folder ${folder} cannot be opened: ${reason}. Run \`turnkeep db restore ` +
      '<newest file in backups> --fresh`: it sets the folder aside, keeps it, and loads the ' +
      'backup into a new one.',
    { cause },
  );
}

/**
 * Moves the data folder out of the way, to `data.pg<major>-<UTC stamp>` beside it, and gives that
 * path; `null` when there is none. The journal stays: the next start takes its records over.
 */
export async function setAsideData(home: Home): Promise<string | null> {
  if ((await listing(home.data)).length === 0) return null;
  const version = (await dataMajor(home.data))?.replace(/[^\d.]/g, '') || '-unknown';
  const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const target = join(dirname(home.data), `${basename(home.data)}.pg${version}-${stamp}`);
  await moveFolder(home.data, target);
  return target;
}

/** Removes what a start that was cut short left beside the data folder. */
export async function removeLeftovers(folder: string): Promise<void> {
  const prefix = `${basename(folder)}.new-`;
  for (const name of await listing(dirname(folder))) {
    if (name.startsWith(prefix)) {
      await rm(join(dirname(folder), name), { recursive: true, force: true });
    }
  }
}

async function dataMajor(folder: string): Promise<string | null> {
  try {
    return (await readFile(join(folder, 'PG_VERSION'), 'utf8')).trim() || null;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw damaged(folder, `reading its PG_VERSION failed (${errorCode(error)})`, error);
  }
}

async function listing(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw damaged(folder, `reading it failed (${errorCode(error)})`, error);
  }
}

function mend(backup: string | undefined): string {
  const begin = 'it sets the folder aside, keeps it, and begins a new one';
  if (!backup) return `Run \`turnkeep db restore --fresh\`: ${begin}.`;
  return `Run \`turnkeep db restore "${backup}" --fresh\`: ${begin} with that backup.`;
}

async function newestBackup(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch((): string[] => []);
  const newest = names
    .filter((name) => name.endsWith('.jsonl.gz'))
    .sort()
    .at(-1);
  return newest === undefined ? undefined : join(folder, newest);
}
