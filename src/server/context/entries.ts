import { sql } from 'kysely';
import { z } from 'zod';
import type { ContextEntry } from '../../contracts/contextEndpoints.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import { MAX_CONTEXT_BYTES } from '../../contracts/limits.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import { decodeCursor, encodeCursor } from '../platform/cursor.ts';
import { uuidv7 } from '../platform/ids.ts';
import { protectJson } from '../redaction/service.ts';

/** What an entry belongs to: a project or a session. */
export type ContextScope = { column: 'project_id' | 'session_id'; id: string };

type Read = Database['read'] | WriteTransaction['read'];
type ListFilter = {
  prefix?: string | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
};

/** Entries of a scope, also those whose time is over. */
function entriesOf(read: Read, scope: ContextScope) {
  return read
    .selectFrom('context_entries')
    .select(['key', 'project_id', 'session_id', 'value'])
    .select(['created_at', 'updated_at', 'expires_at'])
    .where(scope.column, '=', scope.id);
}

const alive = sql<boolean>`(expires_at is null or expires_at > now())`;
const entryPlace = z.object({ key: z.string().max(200) });

/** Entries of a scope by key, by pages. */
export async function listEntries(
  database: Database,
  scope: ContextScope,
  { prefix, limit = 50, cursor }: ListFilter,
): Promise<{ entries: ContextEntry[]; next_cursor: string | null }> {
  const place = decodeCursor(entryPlace, cursor);
  let query = entriesOf(database.read, scope).where(alive);
  if (prefix !== undefined) query = query.where(sql<boolean>`starts_with(key, ${prefix})`);
  if (place) query = query.where('key', '>', place.key);
  const rows = await query
    .orderBy('key')
    .limit(limit + 1)
    .execute();
  const entries = rows.slice(0, limit);
  const last = rows.length > limit ? entries.at(-1) : undefined;
  return { entries, next_cursor: last ? encodeCursor({ key: last.key }) : null };
}

/** @throws TurnkeepError `not_found`, also when its time is over. */
export async function entryOf(
  database: Database,
  scope: ContextScope,
  key: string,
): Promise<ContextEntry> {
  const row = await entriesOf(database.read, scope)
    .where(alive)
    .where('key', '=', key)
    .executeTakeFirst();
  if (!row) throw new TurnkeepError('not_found', `Nothing is kept under "${key}" here.`);
  return row;
}

/** The JSON text of a value as it may be stored. */
function storedValue(value: unknown): string {
  const text = JSON.stringify(protectJson(value).value);
  if (Buffer.byteLength(text) > MAX_CONTEXT_BYTES) {
    throw new TurnkeepError(
      'message_too_large',
      `The value has more than ${MAX_CONTEXT_BYTES / 1024} KiB of JSON. Keep a shorter one, or a file and its path here.`,
      { fields: [{ path: 'value', message: 'Too large.' }] },
    );
  }
  return text;
}

/**
 * Keeps a value under a key, in place of the one that is there. Entries whose time is over go.
 * @param scopeIn finds the scope, and makes it where that is needed, in the same write
 * @throws TurnkeepError `message_too_large`, or what `scopeIn` throws.
 */
export async function putEntry(
  database: Database,
  scopeIn: (tx: WriteTransaction, now: string) => Promise<ContextScope>,
  { key, value, ttl_seconds }: { key: string; value: unknown; ttl_seconds?: number | undefined },
): Promise<{ entry: ContextEntry; isNew: boolean }> {
  const stored = storedValue(value);
  const moment = Date.now();
  const now = new Date(moment).toISOString();
  const expires_at =
    ttl_seconds === undefined ? null : new Date(moment + ttl_seconds * 1000).toISOString();
  return database.write(async (tx) => {
    await sweep(tx, now);
    const scope = await scopeIn(tx, now);
    const before = await tx.read
      .selectFrom('context_entries')
      .select('entry_id')
      .where(scope.column, '=', scope.id)
      .where('key', '=', key)
      .executeTakeFirst();
    if (before) {
      const set = { value: stored, updated_at: now, expires_at };
      await tx.update('context_entries', { entry_id: before.entry_id }, set);
    } else {
      await tx.insert('context_entries', [
        {
          ...{ entry_id: uuidv7(), project_id: null, session_id: null, [scope.column]: scope.id },
          ...{ key, value: stored, created_at: now, updated_at: now, expires_at },
        },
      ]);
    }
    const entry = await entriesOf(tx.read, scope).where('key', '=', key).executeTakeFirstOrThrow();
    return { entry, isNew: !before };
  });
}

/** Takes an entry away; false when there was none. */
export function deleteEntry(
  database: Database,
  scope: ContextScope,
  key: string,
): Promise<boolean> {
  return database.write(async (tx) => {
    await sweep(tx, new Date().toISOString());
    const found = await tx.read
      .selectFrom('context_entries')
      .select('entry_id')
      .where(scope.column, '=', scope.id)
      .where('key', '=', key)
      .executeTakeFirst();
    if (found) await tx.delete('context_entries', 'entry_id', [found.entry_id]);
    return found !== undefined;
  });
}

/** Entries whose time is over go with the next write, a thousand at most. */
async function sweep(tx: WriteTransaction, now: string): Promise<void> {
  const over = await tx.read
    .selectFrom('context_entries')
    .select('entry_id')
    .where('expires_at', '<=', now)
    .limit(1000)
    .execute();
  if (over.length === 0) return;
  await tx.delete(
    'context_entries',
    'entry_id',
    over.map(({ entry_id }) => entry_id),
  );
}
