import { type Insertable, sql } from 'kysely';
import { type Attempt, WEBHOOK_DISABLED_AFTER_DAYS } from '../../contracts/webhooks.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import type { WebhookDeliveriesTable } from '../database/schemaOfIntegrations.ts';
import type { Outcome } from './attempt.ts';
import type { Claimed } from './claims.ts';
import { emitEvents } from './outbox.ts';
import { nextPause } from './schedule.ts';
import { disableWebhook } from './store.ts';

export type Result = { delivery: Claimed; outcome: Outcome; once: boolean };

export type ResultOptions = {
  server: string;
  now: () => number;
  schedule: readonly number[];
  random: () => number;
};

/** An endpoint that was switched off by what came of its deliveries. */
export type Disabled = { endpoint_id: string; reason: string };

const DAY_MS = 86_400_000;
/** Attempts of a delivery that are remembered beside the last one. */
const REMEMBERED = 20;

/**
 * Writes what deliveries came to, all in one transaction: when they are tried again, since when an
 * endpoint fails, and that it is switched off. Gives those that were.
 */
export function writeResults(
  database: Database,
  results: readonly Result[],
  options: ResultOptions,
): Promise<Disabled[]> {
  return database.write(async (tx) => {
    const own = await stillOurs(tx, results, options.server, database.engine);
    // In two statements, whatever their number.
    await tx.delete(
      'webhook_deliveries',
      'delivery_id',
      own.map(({ delivery }) => delivery.delivery_id),
    );
    await tx.insert(
      'webhook_deliveries',
      own.map((result) => rowOf(result, options)),
    );
    const disabled: Disabled[] = [];
    for (const id of new Set(results.map(({ delivery }) => delivery.endpoint_id))) {
      const own = results.filter(({ delivery }) => delivery.endpoint_id === id);
      const reason = await noteState(tx, id, own, options.now());
      if (reason) disabled.push({ endpoint_id: id, reason });
    }
    return disabled;
  });
}

/**
 * The results whose deliveries are still there and wait: a claim that has run out may be another
 * server's by now, and what that one finds out counts.
 */
async function stillOurs(
  tx: WriteTransaction,
  results: readonly Result[],
  server: string,
  engine: Database['engine'],
): Promise<Result[]> {
  const ids = results.map(({ delivery }) => delivery.delivery_id);
  let waiting = tx.read
    .selectFrom('webhook_deliveries')
    .select('delivery_id')
    .where('delivery_id', '=', sql<string>`any(${ids}::text[])`)
    .where('status', '=', 'pending');
  if (engine === 'postgres') waiting = waiting.where('claimed_by', '=', server).forUpdate();
  const found = new Set((await waiting.execute()).map((row) => row.delivery_id));
  return results.filter(({ delivery }) => found.has(delivery.delivery_id));
}

function rowOf(
  { delivery, outcome, once }: Result,
  { now, schedule, random }: ResultOptions,
): Insertable<WebhookDeliveriesTable> {
  const { delivery_id, endpoint_id, event_id, created_at } = delivery;
  const attempts = delivery.attempts + 1;
  const pause = once ? null : nextPause(schedule, attempts, outcome.retryAfterMs, random);
  const again = !outcome.arrived && pause !== null;
  return {
    ...{ delivery_id, endpoint_id, event_id, created_at, attempts },
    status: outcome.arrived ? 'delivered' : again ? 'pending' : 'failed',
    next_at: again ? new Date(now() + pause).toISOString() : null,
    claimed_by: null,
    claimed_until: null,
    last_attempt: JSON.stringify(remembered(delivery.last_attempt, outcome.attempt)),
    updated_at: new Date(now()).toISOString(),
  };
}

/** The attempt, and those before it without what was answered. */
function remembered(before: Record<string, unknown> | null, attempt: Attempt) {
  const { earlier = [], ...last } = (before ?? {}) as Partial<Attempt> & { earlier?: Attempt[] };
  const more = before === null ? [] : [{ ...last, response: null }, ...earlier];
  return { ...attempt, earlier: more.slice(0, REMEMBERED) };
}

/** Since when an endpoint fails; gives the reason when it is switched off. */
async function noteState(
  tx: WriteTransaction,
  endpoint_id: string,
  results: readonly Result[],
  now: number,
): Promise<string | null> {
  const at = new Date(now).toISOString();
  const row = await tx.read
    .selectFrom('webhook_endpoints')
    .select(['name', 'enabled', 'failing_since'])
    .where('endpoint_id', '=', endpoint_id)
    .executeTakeFirst();
  if (!row?.enabled) return null;
  if (results.some(({ outcome }) => outcome.gone)) {
    return disable(tx, { ...row, endpoint_id }, 'It answered that it is gone (HTTP 410).', at);
  }
  if (results.some(({ outcome }) => outcome.arrived)) {
    if (row.failing_since !== null) {
      await tx.update('webhook_endpoints', { endpoint_id }, { failing_since: null });
    }
    return null;
  }
  if (row.failing_since === null) {
    await tx.update('webhook_endpoints', { endpoint_id }, { failing_since: at });
    return null;
  }
  const days = (now - Date.parse(row.failing_since)) / DAY_MS;
  if (days < WEBHOOK_DISABLED_AFTER_DAYS) return null;
  const reason = `Nothing has arrived for ${WEBHOOK_DISABLED_AFTER_DAYS} days.`;
  return disable(tx, { ...row, endpoint_id }, reason, at);
}

async function disable(
  tx: WriteTransaction,
  one: { endpoint_id: string; name: string; failing_since: string | null },
  reason: string,
  at: string,
): Promise<string> {
  const { endpoint_id, name, failing_since } = one;
  await disableWebhook(tx, endpoint_id, reason, at);
  const data = { endpoint_id, name, reason, failing_since };
  const make = () => [{ at, project_id: null, session_id: null, data }];
  await emitEvents(tx, 'webhook.disabled', make, endpoint_id);
  return reason;
}
