import type { WebhookEventType } from '../../contracts/webhookEvents.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import type { DatabaseLog } from '../database/log.ts';
import { guardedFetch } from '../integrations/service.ts';
import type { Fetch } from './attempt.ts';
import { emitEvents, type NewEvent, outboxOf } from './outbox.ts';
import { Sender, type SenderParts } from './sender.ts';

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

export type WebhooksParts = Omit<SenderParts, 'fetch'> & {
  /** Instead of `guardedFetch`. */
  fetch?: Fetch;
};

/** Events out to endpoints and in from senders: the door of this folder. */
export class Webhooks {
  readonly database: Database;
  readonly log: DatabaseLog;
  readonly #sender: Sender;

  constructor(parts: WebhooksParts) {
    this.database = parts.database;
    this.log = parts.log;
    this.#sender = new Sender({ fetch: guardedFetch, ...parts });
  }

  /** Begins to send what waits. */
  start(): void {
    outboxOf(this.database).wake = () => this.#sender.wake();
    this.#sender.start();
  }

  /** There may be something to send. */
  wake(): void {
    this.#sender.wake();
  }

  /** A backup was loaded: what was known of the data does not hold. */
  restored(): void {
    outboxOf(this.database).changed();
    this.#sender.wake();
  }

  /** Ends; what is under way is broken off, and sent by the next server. */
  async stop(): Promise<void> {
    outboxOf(this.database).wake = () => {};
    await this.#sender.stop();
  }
}
