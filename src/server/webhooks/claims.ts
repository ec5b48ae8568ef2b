import { sql } from 'kysely';
import type { Database, WriteTransaction } from '../database/database.ts';
import type { StoredEvent } from './body.ts';
import type { Read, StoredWebhook } from './store.ts';

/** A delivery that this server alone sends now, with its event. */
export type Claimed = {
  delivery_id: string;
  endpoint_id: string;
  event_id: string;
  attempts: number;
  last_attempt: Record<string, unknown> | null;
  created_at: string;
  /** Null when the event is not there any more. */
  event: StoredEvent | null;
};

/** Longer than an attempt may take: a server that is silent for so long has died with its claims. */
export const CLAIM_MS = 60_000;

/** Endpoints in use that have something to send now. */
export function endpointsDue(read: Read, now: string): Promise<StoredWebhook[]> {
  return read
    .selectFrom('webhook_endpoints as w')
    .selectAll('w')
    .where('w.enabled', '=', true)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('webhook_deliveries as d')
          .select('d.delivery_id')
          .whereRef('d.endpoint_id', '=', 'w.endpoint_id')
          .where('d.status', '=', 'pending')
          .where('d.next_at', '<=', now),
      ),
    )
    .execute();
}

/** Endpoints that are off or gone, and for which something is due all the same. */
export async function endpointsWithout(read: Read, now: string): Promise<string[]> {
  const rows = await read
    .selectFrom('webhook_deliveries as d')
    .leftJoin('webhook_endpoints as w', (join) =>
      join.onRef('w.endpoint_id', '=', 'd.endpoint_id').on('w.enabled', '=', true),
    )
    .select('d.endpoint_id')
    .distinct()
    .where('d.status', '=', 'pending')
    .where('d.next_at', '<=', now)
    .where('w.endpoint_id', 'is', null)
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
    .selectFrom('webhook_deliveries as d')
    .leftJoin('webhook_events as e', 'e.event_id', 'd.event_id')
    .select(['d.delivery_id', 'd.endpoint_id', 'd.event_id', 'd.attempts', 'd.last_attempt'])
    .select(['d.created_at', 'd.next_at', 'd.claimed_until', 'e.event_type', 'e.at', 'e.data'])
    .where('d.endpoint_id', '=', endpointId)
    .where('d.status', '=', 'pending');
}

type Row = Awaited<ReturnType<ReturnType<typeof pending>['execute']>>[number];

function claimed({ next_at: _, claimed_until: __, event_type, at, data, ...row }: Row): Claimed {
  const isThere = event_type !== null && at !== null && data !== null;
  const event = isThere ? { event_id: row.event_id, event_type, at, data } : null;
  return { ...row, event };
}

const isFree = (now: string) =>
  sql<boolean>`(d.claimed_until is null or d.claimed_until <= ${now}::timestamptz)`;

async function anyDue(
  read: Read,
  endpointId: string,
  { now, most, sending }: ClaimOptions,
  locked = false,
): Promise<Claimed[]> {
  const at = new Date(now).toISOString();
  let due = pending(read, endpointId).where('d.next_at', '<=', at);
  if (sending.size > 0) {
    due = due.where('d.delivery_id', '<>', sql<string>`all(${[...sending]}::text[])`);
  }
  due = due.orderBy('d.next_at').limit(most);
  if (locked) due = due.where(isFree(at)).forUpdate('d').skipLocked();
  return (await due.execute()).map(claimed);
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
  let oldest = pending(read, endpointId).orderBy('d.event_id').limit(1);
  if (locked) oldest = oldest.forUpdate('d');
  const first = await oldest.executeTakeFirst();
  if (!first || sending.has(first.delivery_id)) return [];
  const isDue = Date.parse(first.next_at ?? '') <= now;
  const free = first.claimed_until === null || Date.parse(first.claimed_until) <= now;
  return isDue && free ? [claimed(first)] : [];
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
