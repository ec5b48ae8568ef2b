import { WEBHOOK_KEPT_DAYS } from '../../contracts/webhooks.ts';
import type { Database } from '../database/database.ts';

const DAY_MS = 86_400_000;
/** Rows of one write. */
const STEP = 1_000;

/**
 * Forgets deliveries that were finished long ago, events that none waits for any more, and what came
 * in long ago. Gives how many rows went.
 */
export async function forgetOld(
  database: Database,
  now: number,
  signal: AbortSignal,
): Promise<number> {
  const before = new Date(now - WEBHOOK_KEPT_DAYS * DAY_MS).toISOString();
  let gone = 0;
  for (const step of [oldDeliveries, oldEvents, oldReceived]) {
    for (let count = STEP; count === STEP && !signal.aborted; gone += count) {
      count = await step(database, before);
    }
  }
  return gone;
}

function oldDeliveries(database: Database, before: string): Promise<number> {
  return database.write(async (tx) => {
    const rows = await tx.read
      .selectFrom('webhook_deliveries')
      .select('delivery_id')
      .where('status', '<>', 'pending')
      .where('updated_at', '<', before)
      .limit(STEP)
      .execute();
    const ids = rows.map((row) => row.delivery_id);
    return tx.delete('webhook_deliveries', 'delivery_id', ids);
  });
}

function oldEvents(database: Database, before: string): Promise<number> {
  return database.write(async (tx) => {
    const rows = await tx.read
      .selectFrom('webhook_events as e')
      .leftJoin('webhook_deliveries as d', 'd.event_id', 'e.event_id')
      .select('e.event_id')
      .where('e.at', '<', before)
      .where('d.delivery_id', 'is', null)
      .limit(STEP)
      .execute();
    const ids = rows.map((row) => row.event_id);
    return tx.delete('webhook_events', 'event_id', ids);
  });
}

function oldReceived(database: Database, before: string): Promise<number> {
  return database.write(async (tx) => {
    const rows = await tx.read
      .selectFrom('webhook_received')
      .select('received_id')
      .where('at', '<', before)
      .limit(STEP)
      .execute();
    const ids = rows.map((row) => row.received_id);
    return tx.delete('webhook_received', 'received_id', ids);
  });
}
