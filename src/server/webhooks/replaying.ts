import { sql } from 'kysely';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { WriteTransaction } from '../database/database.ts';
import { deliveryId, outboxOf, passes, pendingDelivery } from './outbox.ts';
import { type StoredWebhook, webhookById } from './store.ts';

/** Events of one step: a period may hold many. */
const STEP = 500;

/** @throws TurnkeepError `conflict` for an endpoint that is switched off: nothing would be sent. */
export function refuseDisabled({ enabled, name }: StoredWebhook): void {
  if (enabled) return;
  throw new TurnkeepError(
    'conflict',
    `The webhook "${name}" is switched off. Switch it on first: \`turnkeep webhooks enable\`.`,
  );
}

/**
 * Lets a delivery be sent again, with the id that the event had; its attempts begin anew.
 * @throws TurnkeepError `not_found`, `conflict` when its endpoint is switched off.
 */
export async function replayDelivery(tx: WriteTransaction, id: string, at: string): Promise<void> {
  const [endpointId = '', eventId = ''] = id.split('.');
  const found = await tx.read
    .selectFrom('webhook_deliveries')
    .select('status')
    .where('delivery_id', '=', id)
    .executeTakeFirst();
  if (!found) throw new TurnkeepError('not_found', `There is no delivery ${id}.`);
  refuseDisabled(await webhookById(tx.read, endpointId));
  await again(tx, endpointId, [eventId], at);
}

export type Period = { since: string; until?: string | undefined; all?: boolean | undefined };

/**
 * Lets the events of a time be sent to an endpoint again: those that failed or that it missed while
 * it was off, with `all` also those that have arrived. What waits is left to wait. Gives their
 * number.
 * @throws TurnkeepError `not_found`, `conflict` when it is switched off.
 */
export async function replayPeriod(
  tx: WriteTransaction,
  endpointId: string,
  { since, until, all = false }: Period,
  at: string,
): Promise<number> {
  const endpoint = await webhookById(tx.read, endpointId);
  refuseDisabled(endpoint);
  let events = tx.read
    .selectFrom('webhook_events as e')
    .leftJoin('webhook_deliveries as d', (join) =>
      join.onRef('d.event_id', '=', 'e.event_id').on('d.endpoint_id', '=', endpointId),
    )
    .select(['e.event_id', 'e.event_type', 'e.data', 'd.status'])
    .where('e.at', '>=', since)
    .where('e.event_type', '<>', 'webhook.test');
  if (until !== undefined) events = events.where('e.at', '<', until);
  const wants = new Set(endpoint.event_types);
  const found = (await events.orderBy('e.event_id').execute()).filter(
    ({ event_type, data, status }) =>
      status !== 'pending' &&
      (all || status !== 'delivered') &&
      (wants.has('*') || wants.has(event_type)) &&
      passes(endpoint.settings.filter ?? {}, data),
  );
  const ids = found.map((event) => event.event_id);
  for (let from = 0; from < ids.length; from += STEP) {
    await again(tx, endpointId, ids.slice(from, from + STEP), at);
  }
  return ids.length;
}

async function again(
  tx: WriteTransaction,
  endpointId: string,
  events: string[],
  at: string,
): Promise<void> {
  const ids = events.map((event) => deliveryId(endpointId, event));
  const before = await tx.read
    .selectFrom('webhook_deliveries')
    .select(['delivery_id', 'last_attempt', 'created_at'])
    .where('delivery_id', '=', sql<string>`any(${ids}::text[])`)
    .execute();
  const known = new Map(before.map((row) => [row.delivery_id, row]));
  await tx.delete('webhook_deliveries', 'delivery_id', ids);
  await tx.insert(
    'webhook_deliveries',
    events.map((event) => {
      const row = pendingDelivery(endpointId, event, at);
      const old = known.get(row.delivery_id);
      if (!old) return row;
      const { created_at } = old;
      return { ...row, created_at, last_attempt: JSON.stringify(old.last_attempt) };
    }),
  );
  tx.afterCommit(() => outboxOf(tx.owner).wake());
}
