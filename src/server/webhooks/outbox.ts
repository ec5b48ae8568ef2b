import type { WebhookEventType } from '../../contracts/webhookEvents.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import { uuidv7 } from '../platform/ids.ts';

type Read = Database['read'] | WriteTransaction['read'];
type Filter = Record<string, (string | number | boolean | null)[]>;

/** What an endpoint wants. */
type Subscription = {
  endpoint_id: string;
  event_types: ReadonlySet<string>;
  filter: Filter;
  enabled: boolean;
};

/** Something that happened: ids and figures, no text. */
export type NewEvent = {
  at: string;
  project_id: string | null;
  session_id: string | null;
  data: Record<string, unknown>;
};

/** Another server on the same database may have changed the endpoints: looked at again after this. */
const KNOWN_MS = 2_000;

/** What is known of a database's endpoints, so that a write that nobody waits for costs nothing. */
export class Outbox {
  /** Told when there is something to send. */
  wake: () => void = () => {};
  #known: { all: Subscription[]; until: number } | null = null;
  #generation = 0;

  /** The endpoints were changed. */
  changed(): void {
    this.#generation += 1;
    this.#known = null;
  }

  async wanting(read: Read, type: WebhookEventType): Promise<Subscription[]> {
    const known = this.#known;
    const all = known && known.until > performance.now() ? known.all : await this.#load(read);
    return all.filter(({ event_types }) => event_types.has(type) || event_types.has('*'));
  }

  async #load(read: Read): Promise<Subscription[]> {
    const generation = this.#generation;
    const rows = await read
      .selectFrom('webhook_endpoints')
      .select(['endpoint_id', 'event_types', 'settings', 'enabled'])
      .execute();
    const all = rows.map(({ endpoint_id, event_types, settings, enabled }) => ({
      ...{ endpoint_id, event_types: new Set(event_types), enabled },
      filter: (settings.filter ?? {}) as Filter,
    }));
    if (generation === this.#generation) {
      this.#known = { all, until: performance.now() + KNOWN_MS };
    }
    return all;
  }
}

const outboxes = new WeakMap<object, Outbox>();

/** The outbox of an open database. */
export function outboxOf(owner: object): Outbox {
  const known = outboxes.get(owner);
  if (known) return known;
  const made = new Outbox();
  outboxes.set(owner, made);
  return made;
}

/** Whether an event is one that a filter wants. */
export function passes(filter: Filter, data: Record<string, unknown>): boolean {
  return Object.entries(filter).every(([field, values]) =>
    values.some((one) => one === data[field]),
  );
}

/** An event for one endpoint, once. */
export function deliveryId(endpoint_id: string, event_id: string): string {
  return `${endpoint_id}.${event_id}`;
}

/** A delivery that waits to be sent at once. */
export function pendingDelivery(endpoint_id: string, event_id: string, at: string) {
  return {
    ...{ delivery_id: deliveryId(endpoint_id, event_id), endpoint_id, event_id },
    ...{ status: 'pending' as const, attempts: 0, next_at: at },
    ...{ claimed_by: null, claimed_until: null, last_attempt: 'null' },
    ...{ created_at: at, updated_at: at },
  };
}

/**
 * Stores events with a delivery for each endpoint that wants them, in the write in which they
 * happened: they are there together or not at all. Events that only switched-off endpoints want are
 * kept for a replay. Without an endpoint nothing is done, and `make` is not called.
 * @param except an endpoint that they are not sent to, only kept for
 */
export async function emitEvents(
  tx: WriteTransaction,
  type: WebhookEventType,
  make: () => NewEvent[] | Promise<NewEvent[]>,
  except?: string,
): Promise<void> {
  const outbox = outboxOf(tx.owner);
  const wanting = await outbox.wanting(tx.read, type);
  if (wanting.length === 0) return;
  const now = new Date().toISOString();
  const events = [];
  const deliveries = [];
  for (const { data, ...place } of await make()) {
    const interested = wanting.filter(({ filter }) => passes(filter, data));
    if (interested.length === 0) continue;
    const event_id = uuidv7();
    events.push({ event_id, event_type: type, ...place, data: JSON.stringify(data) });
    for (const { endpoint_id, enabled } of interested) {
      if (enabled && endpoint_id !== except)
        deliveries.push(pendingDelivery(endpoint_id, event_id, now));
    }
  }
  await tx.insert('webhook_events', events);
  await tx.insert('webhook_deliveries', deliveries);
  if (deliveries.length > 0) tx.afterCommit(() => outbox.wake());
}
