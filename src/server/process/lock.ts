import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { isAlive, processStart } from './processStart.ts';

/** A live owner on another host touches its lock every 5 s; this much silence means it is gone. */
const STALE_AFTER_MS = 30_000;
export const HEARTBEAT_MS = 5_000;
/** A lock file that cannot be read yet may be one that is being written right now. */
const BEING_WRITTEN_MS = 5_000;

const ownerSchema = z.object({
  pid: z.number().int(),
  host: z.string(),
  started_at: z.string(),
  process_start: z.string().nullable(),
  nonce: z.string(),
  released: z.boolean(),
});
type Owner = z.infer<typeof ownerSchema>;

export type Lock = {
  /** Tells others that the owner lives, for those that cannot see its process. */
  beat(): Promise<void>;
  release(): Promise<void>;
};
export type LockOutcome = { held: true; lock: Lock } | { held: false; owner: Owning };

/** Generations present, highest first. Their files are `000001.json`, `000002.json`, … */
async function generations(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names
    .map((name) => /^(\d+)\.json$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => b - a);
}

const fileOf = (folder: string, generation: number) =>
  join(folder, `${String(generation).padStart(6, '0')}.json`);

async function readOwner(file: string): Promise<Owner | null> {
  try {
    return ownerSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return null;
  }
}

/** On this machine the process decides, however old its heartbeat; elsewhere the heartbeat does. */
async function isLive(owner: Owner, ageMs: number): Promise<boolean> {
  if (owner.released) return false;
  if (owner.host !== hostname()) return ageMs < STALE_AFTER_MS;
  if (!isAlive(owner.pid)) return false;
  if (owner.process_start === null) return true;
  const start = await processStart(owner.pid);
  return start === null || start === owner.process_start;
}

type Owning = { pid: number; host: string };

/** The owner of one generation, if it lives. */
async function liveOwner(folder: string, generation: number): Promise<Owning | null> {
  const file = fileOf(folder, generation);
  const [owner, info] = await Promise.all([readOwner(file), stat(file).catch(() => null)]);
  const age = info ? Date.now() - info.mtimeMs : Number.POSITIVE_INFINITY;
  if (!owner) return age < BEING_WRITTEN_MS ? { pid: 0, host: hostname() } : null;
  return (await isLive(owner, age)) ? { pid: owner.pid, host: owner.host } : null;
}

/**
 * Takes the lock that makes this process the one server of a home. The lock is the highest numbered
 * file of the folder: a taker creates the next number exclusively, so of several that see the same
 * dead owner exactly one wins, and a live one is never pushed aside.
 * @throws the file system's error when the folder cannot be written.
 */
export async function takeLock(folder: string): Promise<LockOutcome> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (;;) {
    const [highest = 0] = await generations(folder);
    const owner = highest > 0 ? await liveOwner(folder, highest) : null;
    if (owner) return { held: false, owner };
    // The number after the one that was looked at: whoever looked at the same one collides here.
    const mine = highest + 1;
    const content: Owner = {
      pid: process.pid,
      host: hostname(),
      started_at: new Date().toISOString(),
      process_start: await processStart(process.pid),
      nonce: randomUUID(),
      released: false,
    };
    if (!(await createExclusively(fileOf(folder, mine), content))) continue;
    const all = await generations(folder);
    if (all[0] !== mine) {
      // Somebody came and went between the look and the creation, and a higher one lives.
      await rm(fileOf(folder, mine), { force: true });
      continue;
    }
    for (const old of all.slice(1)) await rm(fileOf(folder, old), { force: true });
    return { held: true, lock: heldLock(fileOf(folder, mine), content) };
  }
}

async function createExclusively(file: string, owner: Owner): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(JSON.stringify(owner));
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function heldLock(file: string, owner: Owner): Lock {
  return {
    async beat() {
      const now = new Date();
      await utimes(file, now, now);
    },
    async release() {
      // The file stays, marked: its number is what keeps a late taker from winning twice.
      const handle = await open(file, 'r+').catch(() => null);
      if (!handle) return;
      try {
        // One character shorter, padded: overwritten in place, it is never seen half written.
        await handle.write(`${JSON.stringify({ ...owner, released: true })} `, 0);
      } finally {
        await handle.close();
      }
    },
  };
}
