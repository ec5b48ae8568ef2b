import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Home } from '../contracts/home.ts';

const ownerSchema = z.object({ pid: z.number().int(), host: z.string(), released: z.boolean() });

/** Who holds, or held last, the lock of a home. */
export type LockState = z.infer<typeof ownerSchema> & {
  /** Milliseconds since the owner's last sign of life. */
  silentMs: number;
};

/**
 * The highest numbered file of the lock folder, which is the one that counts. Null when the home
 * never had a server, or its lock cannot be read.
 */
export async function readLockState(home: Home): Promise<LockState | null> {
  try {
    const names = (await readdir(home.lock)).filter((name) => /^\d+\.json$/.test(name)).sort();
    const file = join(home.lock, names.at(-1) ?? '');
    const owner = ownerSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    return { ...owner, silentMs: Date.now() - (await stat(file)).mtimeMs };
  } catch {
    return null;
  }
}
