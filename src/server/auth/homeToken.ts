import { randomBytes } from 'node:crypto';
import { chmod, readFile, rename, stat, writeFile } from 'node:fs/promises';

const MINIMUM_CHARACTERS = 32;

/**
 * The token of this home, made at the first start: 32 random bytes in a file only the person can
 * read. On Windows the file inherits the profile folder's access list, which is the person's own.
 */
export async function ensureHomeToken(file: string): Promise<string> {
  const found = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (found.length >= MINIMUM_CHARACTERS) {
    if (process.platform !== 'win32' && ((await stat(file)).mode & 0o077) !== 0) {
      await chmod(file, 0o600);
    }
    return found;
  }
  return renewHomeToken(file);
}

/** Writes another token in place of the home's, whole or not at all, and gives it. */
export async function renewHomeToken(file: string): Promise<string> {
  // Only the holder of the server lock comes here, so nobody else makes one at the same time.
  const token = randomBytes(32).toString('base64url');
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, `${token}\n`, { mode: 0o600 });
  await rename(temporary, file);
  return token;
}
