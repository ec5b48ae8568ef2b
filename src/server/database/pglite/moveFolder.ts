import { rename } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../errors.ts';

const TRIES = 20;
const PAUSE_MS = 100;

/**
 * Renames a folder. On Windows a virus scanner may hold one of its new files for a moment; there
 * it is tried for two seconds.
 */
export async function moveFolder(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await rename(from, to);
    } catch (error) {
      const isHeld = ['EPERM', 'EACCES', 'EBUSY'].includes(errorCode(error));
      if (process.platform !== 'win32' || !isHeld || attempt === TRIES) throw error;
      await sleep(PAUSE_MS);
    }
  }
}
