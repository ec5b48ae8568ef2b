import { z } from 'zod';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Attempt, Delivery, DeliveryDetail } from '../../contracts/webhooks.ts';
import { decodeCursor, encodeCursor } from '../platform/cursor.ts';
import type { Read } from './store.ts';

type Filter = {
  endpoint_id?: string | undefined;
  status?: Delivery['status'] | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
};
type Remembered = Attempt & { earlier?: Attempt[] };

const place = z.object({ at: z.string(), id: z.string() });

function rowsOf(read: Read) {
  return read
    .selectFrom('webhook_deliveries as d')
    .innerJoin('webhook_events as e', 'e.event_id', 'd.event_id')
    .select(['d.delivery_id', 'd.endpoint_id', 'd.event_id', 'e.event_type', 'd.status'])
    .select(['d.attempts', 'd.next_at', 'd.last_attempt', 'd.created_at', 'd.updated_at']);
}

type Row = Awaited<ReturnType<ReturnType<typeof rowsOf>['execute']>>[number];

function attemptsOf(row: Row): Attempt[] {
  if (row.last_attempt === null) return [];
  const { earlier = [], ...last } = row.last_attempt as unknown as Remembered;
  return [last, ...earlier];
}

function told(row: Row): Delivery {
  return { ...row, last_attempt: attemptsOf(row)[0] ?? null };
}

/** Deliveries, newest first, by pages of `limit` (50). */
export async function listDeliveries(
  read: Read,
  { endpoint_id, status, limit = 50, cursor }: Filter,
): Promise<{ deliveries: Delivery[]; next_cursor: string | null }> {
  const after = decodeCursor(place, cursor);
  let query = rowsOf(read);
  if (endpoint_id !== undefined) query = query.where('d.endpoint_id', '=', endpoint_id);
  if (status !== undefined) query = query.where('d.status', '=', status);
  if (after) {
    query = query.where((eb) =>
      eb.or([
        eb('d.created_at', '<', after.at),
        eb.and([eb('d.created_at', '=', after.at), eb('d.delivery_id', '<', after.id)]),
      ]),
    );
  }
  const rows = await query
    .orderBy('d.created_at', 'desc')
    .orderBy('d.delivery_id', 'desc')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    deliveries: page.map(told),
    next_cursor: last ? encodeCursor({ at: last.created_at, id: last.delivery_id }) : null,
  };
}

/** One delivery with its attempts. @throws TurnkeepError `not_found`. */
export async function deliveryById(read: Read, id: string): Promise<DeliveryDetail> {
  const row = await rowsOf(read)
    .select('e.data')
    .where('d.delivery_id', '=', id)
    .executeTakeFirst();
  if (!row) throw new TurnkeepError('not_found', `There is no delivery ${id}.`);
  const { data, ...delivery } = row;
  return { ...told(delivery), attempt_log: attemptsOf(delivery), data };
}
