import { access, chmod, constants, mkdir, stat } from 'node:fs/promises';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Home } from '../../contracts/home.ts';

/**
 * Makes the home and its folders, for the person alone.
 * @throws TurnkeepError `home_unwritable`.
 */
export async function prepareHome(home: Home): Promise<void> {
  try {
    for (const folder of [home.root, home.lock, home.spool, home.logs, home.backups]) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await access(folder, constants.R_OK | constants.W_OK);
    }
    if (process.platform !== 'win32' && ((await stat(home.root)).mode & 0o077) !== 0) {
      await chmod(home.root, 0o700);
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TurnkeepError(
      'home_unwritable',
      `The Turnkeep home ${home.root} cannot be written: ${why}. Make it writable, free some space, or set TURNKEEP_HOME to another folder.`,
      { cause },
    );
  }
}
