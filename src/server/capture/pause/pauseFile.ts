import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { z } from 'zod';
import { captureSettingsSchema } from '../../../contracts/capture.ts';
import { TurnkeepError } from '../../../contracts/errors.ts';

const pauseSchema = z.object({
  /** ISO 8601 in UTC; `to` is null while it lasts. */
  from: z.iso.datetime(),
  to: z.iso.datetime().nullable(),
  /** Agents whose sources were read when it began: what is not stored was said later. */
  read: z.array(z.string()),
  /** Real paths of their sources that were not read. */
  unread: z.array(z.string()),
  /** What was not stored when it began because it was excluded. */
  exclude: captureSettingsSchema.shape.exclude,
  /** Real paths of the sources in which it is still to be noted; null before they were looked for. */
  left: z.array(z.string()).nullable(),
});
/** A time in which capture was paused, and how far its turns are noted as not to be stored. */
export type Pause = z.infer<typeof pauseSchema>;

const fileSchema = z.object({ v: z.literal(1), pauses: z.array(pauseSchema) });

/**
 * The pauses so far, oldest first; none without a file.
 * @throws Error why the file cannot be understood.
 */
export function readPauses(file: string): Pause[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return fileSchema.parse(JSON.parse(text)).pauses;
}

/** Writes them in one step. @throws TurnkeepError `home_unwritable`. */
export async function writePauses(file: string, pauses: readonly Pause[]): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify({ v: 1, pauses })}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true });
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TurnkeepError('home_unwritable', `${file} cannot be written: ${why}.`, { cause });
  }
}
