import { sql } from 'kysely';
import type { Database, WriteTransaction } from '../database/database.ts';
import type { Read, StoredWebhook } from './store.ts';

/** A delivery that this server alone sends now. */
export type Claimed = {
  delivery_id: string;
  endpoint_id: string;
  event_id: string;
  attempts: number;
  last_attempt: Record<string, unknown> | null;
};

/** Longer than an attempt may take: a server that is silent for so long has died with its claims. */
export const CLAIM_MS = 60_000;

/** Endpoints that have something to send now. */
export async function endpointsDue(read: Read, now: string): Promise<string[]> {
  const rows = await read
    .selectFrom('webhook_deliveries')
    .select('endpoint_id')
    .distinct()
    .where('status', '=', 'pending')
    .where('next_at', '<=', now)
    .execute();
  return rows.map((row) => row.endpoint_id);
}

/** When the next delivery is due, ISO 8601; null when none waits. */
export async function nextDue(read: Read): Promise<string | null> {
  const row = await read
    .selectFrom('webhook_deliveries')
    .select((eb) => eb.fn.min('next_at').as('next_at'))
    .where('status', '=', 'pending')
    .executeTakeFirst();
  return row?.next_at ?? null;
}

export type ClaimOptions = {
  /** This server, among those on the same database. */
  server: string;
  now: number;
  most: number;
  /** What this server is sending already. */
  sending: ReadonlySet<string>;
};

/**
 * Takes deliveries of an endpoint that are due. On PostgreSQL they are marked, so that no other
 * server sends them as well; the embedded engine has one server, which knows what it sends.
 */
export function claimDue(
  database: Database,
  endpoint: Pick<StoredWebhook, 'endpoint_id' | 'settings'>,
  options: ClaimOptions,
): Promise<Claimed[]> {
  const ordered = endpoint.settings.ordered === true;
  const find = ordered ? firstInOrder : anyDue;
  if (database.engine !== 'postgres') return find(database.read, endpoint.endpoint_id, options);
  return database.write(async (tx) => {
    const found = await find(tx.read, endpoint.endpoint_id, options, true);
    await mark(tx, found, options);
    return found;
  });
}

function pending(read: Read, endpointId: string) {
  return read
    .selectFrom('webhook_deliveries')
    .select(['delivery_id', 'endpoint_id', 'event_id', 'attempts', 'last_attempt'])
    .where('endpoint_id', '=', endpointId)
    .where('status', '=', 'pending');
}

const isFree = (now: string) =>
  sql<boolean>`(claimed_until is null or claimed_until <= ${now}::timestamptz)`;

async function anyDue(
  read: Read,
  endpointId: string,
  { now, most, sending }: ClaimOptions,
  locked = false,
): Promise<Claimed[]> {
  const at = new Date(now).toISOString();
  let due = pending(read, endpointId).where('next_at', '<=', at);
  if (sending.size > 0) {
    due = due.where('delivery_id', '<>', sql<string>`all(${[...sending]}::text[])`);
  }
  due = due.orderBy('next_at').limit(most);
  if (locked) due = due.where(isFree(at)).forUpdate().skipLocked();
  return due.execute();
}

/**
 * The oldest delivery, when it is due and nobody is sending it. Its lock is waited for: passing it
 * by would send the one after it first.
 */
async function firstInOrder(
  read: Read,
  endpointId: string,
  { now, sending }: ClaimOptions,
  locked = false,
): Promise<Claimed[]> {
  let oldest = pending(read, endpointId)
    .select(['next_at', 'claimed_until'])
    .orderBy('event_id')
    .limit(1);
  if (locked) oldest = oldest.forUpdate();
  const first = await oldest.executeTakeFirst();
  if (!first || sending.has(first.delivery_id)) return [];
  const isDue = Date.parse(first.next_at ?? '') <= now;
  const free = first.claimed_until === null || Date.parse(first.claimed_until) <= now;
  if (!isDue || !free) return [];
  const { delivery_id, endpoint_id, event_id, attempts, last_attempt } = first;
  return [{ delivery_id, endpoint_id, event_id, attempts, last_attempt }];
}

async function mark(
  tx: WriteTransaction,
  claimed: Claimed[],
  { server, now }: ClaimOptions,
): Promise<void> {
  const until = new Date(now + CLAIM_MS).toISOString();
  for (const { delivery_id } of claimed) {
    const set = { claimed_by: server, claimed_until: until };
    await tx.update('webhook_deliveries', { delivery_id }, set);
  }
}
