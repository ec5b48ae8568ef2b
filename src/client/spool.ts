import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallContext } from '../contracts/context.ts';
import { TurnkeepError } from '../contracts/errors.ts';
import { databaseFingerprint } from '../contracts/fingerprint.ts';
import type { Home } from '../contracts/home.ts';
import type { SpoolEntry } from '../contracts/server.ts';
import { writeFileAtomic } from './atomicFile.ts';

/**
 * A capture that waits for a server. Keeps the event id of the arguments, else makes one. With a
 * `dsn` it waits for a server on that database.
 */
export function newSpoolEntry(
  tool: SpoolEntry['tool'],
  args: Record<string, unknown>,
  context: CallContext,
  dsn: string | undefined = process.env.POSTGRES_DSN,
): SpoolEntry {
  const given = args.event_id;
  return {
    v: 1,
    event_id: typeof given === 'string' && given !== '' ? given : randomUUID(),
    created_at: new Date().toISOString(),
    tool,
    arguments: args,
    context,
    ...(dsn ? { database: databaseFingerprint(dsn) } : {}),
  };
}

/**
 * Puts a capture into the spool, whole or not at all, and flushed to disk; gives the file's path. A
 * server takes it in when it starts, or within seconds. Throws `home_unwritable`.
 */
export async function writeSpoolEntry(home: Home, entry: SpoolEntry): Promise<string> {
  const stamp = entry.created_at.replace(/[-:.]/g, '');
  const file = join(home.spool, `${stamp}-${entry.event_id.replace(/[^\w.-]/g, '_')}.json`);
  try {
    await mkdir(home.root, { recursive: true, mode: 0o700 });
    await mkdir(home.spool, { recursive: true, mode: 0o700 });
    await writeFileAtomic(file, JSON.stringify(entry));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TurnkeepError(
      'home_unwritable',
      `Nothing was stored: no server could take it, and the spool ${home.spool} cannot be written (${reason}). Make that folder writable or free some space, then capture again.`,
      { cause },
    );
  }
  return file;
}
