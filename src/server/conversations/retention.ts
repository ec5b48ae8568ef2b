import { type Kysely, sql } from 'kysely';
import type { Database, WriteTransaction } from '../database/database.ts';
import type { DatabaseSchema } from '../database/schema.ts';
import { cutoff, type DoomedMessage, removeMessages } from './deleting.ts';

export type RetentionLimits = {
  /** Turns older than this go. */
  maxAgeDays: number | null;
  /** Bytes that messages and what finds them may take in the database. */
  maxBytes: number | null;
};
export type RetentionCount = { turns: number; messages: number };

/** Turns deleted in one write: captures wait for no longer than this takes. */
const STEP = 100;
/** Turns chosen by one look at the messages. */
const LOOK = 20_000;

/**
 * Deletes turns that are older than allowed, then the oldest sessions' turns until the rest takes
 * no more than allowed; a little at a time, and it can stop after each step (`signal`). Turns with a
 * message that somebody has pinned stay.
 */
export async function applyRetention(
  database: Database,
  limits: RetentionLimits,
  signal?: AbortSignal,
): Promise<RetentionCount> {
  const done: RetentionCount = { turns: 0, messages: 0 };
  if (limits.maxAgeDays !== null) {
    const before = cutoff(limits.maxAgeDays);
    await removeOldest(database, before, () => Number.POSITIVE_INFINITY, done, signal);
  }
  if (limits.maxBytes !== null) {
    const allowed = limits.maxBytes;
    const excess = async () => (await storedBytes(database)) - allowed;
    await removeOldest(database, null, excess, done, signal);
  }
  // Deleted text must leave the disk, not only the answers.
  if (done.messages > 0) await database.checkpoint();
  return done;
}

/** Deletes the oldest turns, those from before a time or all, while there is an excess of bytes. */
async function removeOldest(
  database: Database,
  before: string | null,
  excess: () => number | Promise<number>,
  done: RetentionCount,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (;;) {
    let toFree = await excess();
    if (toFree <= 0) return;
    const chosen: string[] = [];
    for (const turn of await oldestTurns(database.read, before)) {
      if (toFree <= 0) break;
      chosen.push(turn.turn_id);
      toFree -= turn.bytes;
    }
    const messages = done.messages;
    for (let at = 0; at < chosen.length && !signal?.aborted; at += STEP) {
      const step = chosen.slice(at, at + STEP);
      const removed = await database.write((tx) => removeTurns(tx, step));
      done.turns += removed.turns;
      done.messages += removed.messages;
    }
    if (signal?.aborted || done.messages === messages) return;
  }
}

async function removeTurns(tx: WriteTransaction, turns: string[]): Promise<RetentionCount> {
  const messages: DoomedMessage[] = await tx.read
    .selectFrom('conversation_messages as m')
    .innerJoin('conversation_sessions as s', 's.session_id', 'm.session_id')
    .select(['m.message_id', 'm.turn_id', 'm.session_id', 's.project_id'])
    .where('m.turn_id', 'in', turns)
    // Somebody may have pinned one since the turns were chosen.
    .where(isNotPinned())
    .execute();
  await removeMessages(tx, messages);
  return { turns: new Set(messages.map((row) => row.turn_id)).size, messages: messages.length };
}

/** Condition on `conversation_messages as m`: no message of its turn is pinned. */
function isNotPinned() {
  return sql<boolean>`not exists (select from memory_pins n
    join conversation_messages o on o.message_id = n.message_id
    where o.turn_id = m.turn_id and n.pinned_until > ${new Date().toISOString()})`;
}

/** Bytes of a message and of its row in the index, as the database keeps them. */
const BYTES = sql<string>`pg_column_size(m.content) + coalesce(pg_column_size(m.content_exact), 0)
  + pg_column_size(m.metadata) + coalesce(pg_column_size(i.tokens), 0)`;

function sizedMessages(read: Kysely<DatabaseSchema>) {
  return read
    .selectFrom('conversation_messages as m')
    .leftJoin('memory_index as i', 'i.message_id', 'm.message_id');
}

/** What the stored messages and their index take, in bytes. */
export async function storedBytes(database: Database): Promise<number> {
  const row = await sizedMessages(database.read)
    .select(sql<string | null>`sum(${BYTES})`.as('bytes'))
    .executeTakeFirst();
  return Number(row?.bytes ?? 0);
}

/** The first turns of the sessions that were used longest ago, or those from before a time. */
async function oldestTurns(
  read: Kysely<DatabaseSchema>,
  before: string | null,
): Promise<{ turn_id: string; bytes: number }[]> {
  let query = sizedMessages(read)
    .innerJoin('conversation_sessions as s', 's.session_id', 'm.session_id')
    .select(['m.turn_id', sql<string>`sum(${BYTES})`.as('bytes')])
    .where(isNotPinned())
    .groupBy(['m.turn_id', 's.last_activity_at', 's.session_id'])
    .orderBy('s.last_activity_at')
    .orderBy('s.session_id')
    .orderBy(sql`min(m.position)`)
    .limit(LOOK);
  if (before !== null) query = query.having(sql<string>`max(m.created_at)`, '<', before);
  const rows = await query.execute();
  return rows.map((row) => ({ turn_id: row.turn_id, bytes: Number(row.bytes) }));
}
