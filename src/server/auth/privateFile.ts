import { randomUUID } from 'node:crypto';
import { chmod, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { z } from 'zod';
import { TurnkeepError } from '../../contracts/errors.ts';

/**
 * The content of a JSON file that only the person may read; null when there is none. A file that
 * others can read is closed to them.
 * @throws TurnkeepError `conflict` for a file that is not as it should be: what it held is not
 *   guessed, since that could let a revoked token in.
 */
export async function readPrivate<S extends z.ZodType>(
  file: string,
  schema: S,
): Promise<z.output<S> | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
    if (process.platform !== 'win32' && ((await stat(file)).mode & 0o077) !== 0) {
      await chmod(file, 0o600);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const issue = cause instanceof z.ZodError ? cause.issues[0] : undefined;
    // Not the JSON parser's words: they quote the text, which is secret.
    const why = issue ? `${issue.path.join('.')}: ${issue.message}` : 'it is not JSON';
    throw new TurnkeepError(
      'conflict',
      `The file ${file} is not as Turnkeep writes it (${why}). Delete it and start again: tokens that were given out end with it; the home's own token stays.`,
    );
  }
}

/** Writes a JSON file for the person alone, so that it is there whole, or as before. */
export async function writePrivate(file: string, value: unknown): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(value, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
