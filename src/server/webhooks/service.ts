import type { Standing } from '../../contracts/modelPerformance.ts';
import type { WebhookEventType } from '../../contracts/webhookEvents.ts';
import { DEFAULT_OVERLAP_HOURS, type Delivery } from '../../contracts/webhooks.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import { guardedFetch, type HealthChange, type Integrations } from '../integrations/service.ts';
import { deliveryById } from './deliveries.ts';
import { tellOfHealth } from './healthEvents.ts';
import { forgetOld } from './housekeeping.ts';
import { emitEvents, type NewEvent, outboxOf } from './outbox.ts';
import {
  createReceiver,
  deleteReceiver,
  rotateReceiver,
  type StoredReceiver,
} from './receivers.ts';
import { type Incoming, receive } from './receiving.ts';
import { type Period, replayDelivery, replayPeriod } from './replaying.ts';
import { Sender, type SenderParts } from './sender.ts';
import {
  createWebhook,
  deleteWebhook,
  rotateWebhook,
  type StoredWebhook,
  updateWebhook,
  type WebhookInput,
  type WebhookPatch,
  webhookById,
} from './store.ts';
import { storeTest } from './testing.ts';
import { tellOfViolation } from './violationEvents.ts';

const HOUR_MS = 3_600_000;
/** A test is waited for as long as an attempt may take, and a little. */
const TEST_STEP_MS = 50;
const TEST_MS = 20_000;

/**
 * Tells webhooks what happened, in the write in which it happens: both are stored, or neither.
 * Without an endpoint that wants this type nothing is done, and `make` is not called.
 * @param make ids and figures of the events; what was said is read when it is sent
 */
export function emit(
  tx: WriteTransaction,
  type: WebhookEventType,
  make: () => NewEvent[] | Promise<NewEvent[]>,
): Promise<void> {
  return emitEvents(tx, type, make);
}

/** Tells webhooks that a connected system is ill, or well again, in the write that notes it. */
export function emitHealth(tx: WriteTransaction, change: HealthChange): Promise<void> {
  return tellOfHealth(tx, change);
}

/** Tells webhooks that a model violates a threshold, or keeps it again, in the write that notes it. */
export function emitViolation(tx: WriteTransaction, standing: Standing, at: string): Promise<void> {
  return tellOfViolation(tx, standing, at);
}

export type WebhooksParts = Omit<SenderParts, 'fetch' | 'onDisabled'> & {
  /** Instead of `guardedFetch`. */
  fetch?: SenderParts['fetch'];
  /** Where changes are noted. */
  audit?: Pick<Integrations['audit'], 'add'>;
};
/** Whoever changes something, as the audit log names it. */
type Actor = string;

/** Events out to endpoints, and in from senders: the door of this folder. */
export class Webhooks {
  readonly database: Database;
  readonly #parts: WebhooksParts;
  readonly #sender: Sender;
  readonly #ends = new AbortController();
  #hourly: NodeJS.Timeout | undefined;
  #keeping: Promise<void> = Promise.resolve();

  constructor(parts: WebhooksParts) {
    this.database = parts.database;
    this.#parts = parts;
    const onDisabled = (id: string, reason: string) =>
      this.#note('webhooks', `webhook:${id}`, { action: 'disable', reason });
    this.#sender = new Sender({ fetch: guardedFetch, ...parts, onDisabled });
  }

  /** Begins to send what waits. */
  start(): void {
    outboxOf(this.database).wake = () => this.#sender.wake();
    this.#sender.start();
    this.#hourly = setInterval(() => this.#forgetOld(), HOUR_MS);
    this.#hourly.unref();
  }

  /** A backup was loaded: what was known of the data does not hold. */
  restored(): void {
    outboxOf(this.database).changed();
    this.#sender.wake();
  }

  /** Ends; what is under way is broken off, and sent by the next server. */
  async stop(): Promise<void> {
    clearInterval(this.#hourly);
    this.#ends.abort();
    outboxOf(this.database).wake = () => {};
    await Promise.all([this.#sender.stop(), this.#keeping]);
  }

  /** @throws TurnkeepError `invalid_request`. */
  async create(input: WebhookInput, actor: Actor): Promise<StoredWebhook> {
    const made = await this.database.write((tx) => createWebhook(tx, input, now()));
    await this.#note(actor, `webhook:${made.endpoint_id}`, { action: 'add', host: hostOf(made) });
    return made;
  }

  /** @throws TurnkeepError `not_found`, `invalid_request`. */
  async update(id: string, patch: WebhookPatch, actor: Actor): Promise<StoredWebhook> {
    const made = await this.database.write((tx) => updateWebhook(tx, id, patch, now()));
    const detail = { action: 'change', fields: Object.keys(patch), host: hostOf(made) };
    await this.#note(actor, `webhook:${id}`, detail);
    return made;
  }

  /** False when there was none. */
  async remove(id: string, actor: Actor): Promise<boolean> {
    const gone = await this.database.write((tx) => deleteWebhook(tx, id));
    if (gone) await this.#note(actor, `webhook:${id}`, { action: 'remove' });
    return gone;
  }

  /** Makes a new secret; those before are good for a while. @throws TurnkeepError `not_found`. */
  async rotate(id: string, overlapHours: number | undefined, actor: Actor): Promise<StoredWebhook> {
    const hours = overlapHours ?? DEFAULT_OVERLAP_HOURS;
    const made = await this.database.write((tx) => rotateWebhook(tx, id, hours, now()));
    await this.#note(actor, `webhook:${id}`, { action: 'rotate' });
    return made;
  }

  /**
   * Sends `webhook.test` to an endpoint, once, and waits for what comes of it.
   * @throws TurnkeepError `not_found`, `conflict` when it is switched off.
   */
  async test(id: string, signal: AbortSignal): Promise<Delivery> {
    const deliveryId = await this.database.write((tx) => storeTest(tx, id, now()));
    const until = performance.now() + TEST_MS;
    for (;;) {
      const delivery = await this.#delivery(deliveryId);
      if (delivery.status !== 'pending' || performance.now() > until || signal.aborted) {
        return delivery;
      }
      await new Promise((done) => setTimeout(done, TEST_STEP_MS));
    }
  }

  /** @throws TurnkeepError `not_found`, `conflict` when its endpoint is switched off. */
  async replay(deliveryId: string): Promise<Delivery> {
    await this.database.write((tx) => replayDelivery(tx, deliveryId, now()));
    return this.#delivery(deliveryId);
  }

  /** Gives how many. @throws TurnkeepError `not_found`, `conflict` when it is switched off. */
  replayPeriod(id: string, period: Period): Promise<number> {
    return this.database.write((tx) => replayPeriod(tx, id, period, now()));
  }

  async createReceiver(name: string, actor: Actor): Promise<StoredReceiver> {
    const made = await this.database.write((tx) => createReceiver(tx, name, now()));
    await this.#note(actor, `receiver:${made.receiver_id}`, { action: 'add' });
    return made;
  }

  /** @throws TurnkeepError `not_found`. */
  async rotateReceiver(
    id: string,
    overlapHours: number | undefined,
    actor: Actor,
  ): Promise<StoredReceiver> {
    const hours = overlapHours ?? DEFAULT_OVERLAP_HOURS;
    const made = await this.database.write((tx) => rotateReceiver(tx, id, hours, now()));
    await this.#note(actor, `receiver:${id}`, { action: 'rotate' });
    return made;
  }

  /** False when there was none. */
  async removeReceiver(id: string, actor: Actor): Promise<boolean> {
    const gone = await this.database.write((tx) => deleteReceiver(tx, id));
    if (gone) await this.#note(actor, `receiver:${id}`, { action: 'remove' });
    return gone;
  }

  /** Keeps a signed event that came in, once. @throws TurnkeepError `unauthenticated`, `invalid_json`. */
  receive(incoming: Incoming) {
    return receive(this.database, incoming, new Date());
  }

  /** @throws TurnkeepError `not_found`. */
  get(id: string): Promise<StoredWebhook> {
    return webhookById(this.database.read, id);
  }

  async #delivery(id: string): Promise<Delivery> {
    const { attempt_log: _, data: __, ...delivery } = await deliveryById(this.database.read, id);
    return delivery;
  }

  async #note(actor: Actor, subject: string, detail: Record<string, unknown>): Promise<void> {
    await this.#parts.audit?.add({ actor, subject, decision: 'changed', detail });
  }

  #forgetOld(): void {
    this.#keeping = forgetOld(this.database, Date.now(), this.#ends.signal).then(
      () => {},
      (error: Error) =>
        this.#parts.log.error({ reason: error.message }, 'old webhook events were not forgotten'),
    );
  }
}

function now(): string {
  return new Date().toISOString();
}

/** The host alone: the rest of an address may be a key. */
function hostOf({ url }: StoredWebhook): string {
  return new URL(url).host;
}
