import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { WEBHOOK_TIMEOUT_MS } from '../../contracts/webhooks.ts';
import type { Database } from '../database/database.ts';
import type { DatabaseLog } from '../database/log.ts';
import { type Fetch, sendOnce } from './attempt.ts';
import { bodyFor, type StoredEvent } from './body.ts';
import {
  type Claimed,
  type ClaimOptions,
  claimDue,
  endpointsDue,
  endpointsWithout,
  nextDue,
} from './claims.ts';
import { type Result, writeResults } from './results.ts';
import { SCHEDULE_MS } from './schedule.ts';
import type { StoredWebhook } from './store.ts';

export type SenderParts = {
  database: Database;
  log: DatabaseLog;
  fetch: Fetch;
  /** Counts what is under way as use of the server; gives what ends that. */
  enter?: () => () => void;
  now?: () => number;
  random?: () => number;
  schedule?: readonly number[];
  timeoutMs?: number;
  /** Told of an endpoint that was switched off. */
  onDisabled?: (endpointId: string, reason: string) => Promise<void>;
};

/** Deliveries to one endpoint at a time. What a crash may send twice is at most this many. */
const PER_ENDPOINT = 24;
const AT_A_TIME = 64;
/** What has come back waits this long for half of what is under way: writing has its price. */
const GATHER_MS = 10;
/** Another server on the same database may have stored something to send. */
const LOOK_MS = { postgres: 2_000, pglite: 60_000, memory: 60_000 } as const;
/** What is due and cannot be sent yet: another server has it, or it waits for the one before it. */
const BLOCKED_MS = 1_000;
/** Deliveries that the embedded engine reads at once: finding them costs more the more there wait. */
const AHEAD = 500;
/** Which endpoints have something to send is known for so long, unless something changes. */
const DUE_MS = 250;
/** After an error of the database. */
const FAULT_MS = 5_000;

/**
 * Sends what waits in the outbox. One loop looks for what is due, sends as much as may be under way,
 * and writes what came of it, many in one transaction; a place is free again when that is written.
 */
export class Sender {
  readonly #parts: Required<SenderParts>;
  /** This server, among those on the same database. */
  readonly #server = randomUUID();
  readonly #ends = new AbortController();
  /** What is under way, by endpoint. */
  readonly #sending = new Map<string, Set<string>>();
  /** What was read ahead, by endpoint. */
  readonly #ahead = new Map<string, Claimed[]>();
  #due: { endpoints: StoredWebhook[]; until: number } = { endpoints: [], until: 0 };
  #results: Result[] = [];
  #open = 0;
  #leave: (() => void) | null = null;
  #work: Promise<void> | null = null;
  #signal: (() => void) | null = null;
  #isWoken = false;
  #gathering: NodeJS.Timeout | undefined;

  constructor(parts: SenderParts) {
    // Each request under way listens.
    setMaxListeners(0, this.#ends.signal);
    this.#parts = {
      enter: () => () => {},
      now: Date.now,
      random: Math.random,
      schedule: SCHEDULE_MS,
      timeoutMs: WEBHOOK_TIMEOUT_MS,
      onDisabled: async () => {},
      ...parts,
    };
  }

  start(): void {
    this.#work ??= this.#run();
  }

  /** Something has changed: there may be more to send, or less. */
  wake(): void {
    this.#due.until = 0;
    this.#ahead.clear();
    this.#look();
  }

  #look(): void {
    this.#isWoken = true;
    this.#signal?.();
  }

  /** Ends; what is under way is broken off and stays to be sent. */
  async stop(): Promise<void> {
    this.#ends.abort(new Error('the server ends'));
    this.wake();
    await this.#work;
  }

  async #run(): Promise<void> {
    while (!this.#ends.signal.aborted || this.#open > 0) {
      this.#isWoken = false;
      let pause: number;
      try {
        await this.#writeResults();
        pause = this.#ends.signal.aborted ? FAULT_MS : await this.#fill();
      } catch (error) {
        this.#parts.log.error({ reason: (error as Error).message }, 'webhooks could not be sent');
        if (this.#ends.signal.aborted) return;
        pause = FAULT_MS;
      }
      if (this.#open === 0) {
        this.#leave?.();
        this.#leave = null;
      }
      await this.#wait(pause);
    }
  }

  /** Resolves after so long, or when woken. */
  #wait(ms: number): Promise<void> {
    if (this.#isWoken || (this.#ends.signal.aborted && this.#open === 0)) return Promise.resolve();
    return new Promise((done) => {
      const timer = setTimeout(() => this.#signal?.(), ms);
      timer.unref();
      this.#signal = () => {
        clearTimeout(timer);
        this.#signal = null;
        done();
      };
    });
  }

  /** Begins what may begin; gives the milliseconds until there may be more. */
  async #fill(): Promise<number> {
    const { database, now } = this.#parts;
    if (this.#open >= AT_A_TIME) return BLOCKED_MS;
    const at = new Date(now()).toISOString();
    let begun = 0;
    for (const endpoint of await this.#endpointsDue(at)) {
      begun += await this.#fillFor(endpoint);
    }
    if (begun > 0) return BLOCKED_MS;
    const next = await nextDue(database.read);
    const longest = LOOK_MS[database.engine];
    if (next === null) return longest;
    const left = Date.parse(next) - now();
    if (left > 0) return Math.min(left, longest);
    await this.#giveUp('endpoint_id', await endpointsWithout(database.read, at));
    return BLOCKED_MS;
  }

  async #endpointsDue(at: string): Promise<StoredWebhook[]> {
    if (this.#due.endpoints.length === 0 || this.#due.until < performance.now()) {
      this.#due.until = performance.now() + DUE_MS;
      this.#due.endpoints = await endpointsDue(this.#parts.database.read, at);
    }
    return this.#due.endpoints;
  }

  async #claim(endpoint: StoredWebhook, options: ClaimOptions): Promise<Claimed[]> {
    const { database } = this.#parts;
    const { endpoint_id, settings } = endpoint;
    // What another server may send as well, or has to wait for its turn, is not read ahead.
    if (database.engine === 'postgres' || settings.ordered) {
      return claimDue(database, endpoint, options);
    }
    let ahead = this.#ahead.get(endpoint_id) ?? [];
    if (ahead.length === 0) {
      ahead = await claimDue(database, endpoint, { ...options, most: AHEAD });
      this.#ahead.set(endpoint_id, ahead);
    }
    return ahead.splice(0, options.most);
  }

  async #fillFor(endpoint: StoredWebhook): Promise<number> {
    const { now } = this.#parts;
    const sending = this.#sending.get(endpoint.endpoint_id) ?? new Set<string>();
    const free = Math.min(
      (endpoint.settings.ordered ? 1 : PER_ENDPOINT) - sending.size,
      AT_A_TIME - this.#open,
    );
    if (free <= 0) return 0;
    const options = { server: this.#server, now: now(), most: free, sending };
    const claimed = await this.#claim(endpoint, options);
    if (claimed.length === 0) return 0;
    this.#sending.set(endpoint.endpoint_id, sending);
    this.#leave ??= this.#parts.enter();
    const lost: string[] = [];
    for (const delivery of claimed) {
      const { delivery_id, event } = delivery;
      if (!event) {
        lost.push(delivery_id);
        continue;
      }
      sending.add(delivery_id);
      this.#open += 1;
      void this.#send(endpoint, delivery, event);
    }
    await this.#giveUp('delivery_id', lost);
    return claimed.length;
  }

  /** What was stored for an endpoint that is off or gone, or whose event is gone, is not sent. */
  async #giveUp(column: 'endpoint_id' | 'delivery_id', ids: string[]): Promise<void> {
    if (ids.length === 0) return;
    const updated_at = new Date(this.#parts.now()).toISOString();
    await this.#parts.database.write(async (tx) => {
      for (const id of ids) {
        const key = { [column]: id, status: 'pending' };
        await tx.update('webhook_deliveries', key, { status: 'failed', next_at: null, updated_at });
      }
    });
  }

  /** Sends one; what came of it waits to be written. Never throws. */
  async #send(endpoint: StoredWebhook, delivery: Claimed, event: StoredEvent): Promise<void> {
    const { database, fetch, timeoutMs, now, log } = this.#parts;
    try {
      const body = await bodyFor(database.read, event, endpoint);
      const message = { id: event.event_id, body };
      const signal = this.#ends.signal;
      const outcome = await sendOnce(fetch, endpoint, message, { timeoutMs, signal, now });
      // A test is sent once: a person waits for it.
      this.#results.push({ delivery, outcome, once: event.event_type === 'webhook.test' });
    } catch (error) {
      this.#done(delivery);
      if (!this.#ends.signal.aborted) {
        log.error({ reason: (error as Error).message }, 'a webhook could not be sent');
      }
    }
    this.#gather();
  }

  /** Lets the loop write results when they are worth it, or soon. */
  #gather(): void {
    if (this.#results.length * 2 >= this.#open) {
      clearTimeout(this.#gathering);
      this.#gathering = undefined;
      this.#look();
    } else {
      this.#gathering ??= setTimeout(() => {
        this.#gathering = undefined;
        this.#look();
      }, GATHER_MS);
    }
  }

  #done({ endpoint_id, delivery_id }: Claimed): void {
    this.#open -= 1;
    this.#sending.get(endpoint_id)?.delete(delivery_id);
  }

  async #writeResults(): Promise<void> {
    // More may come while these are written.
    const results = [...this.#results];
    if (results.length === 0) return;
    const { database, now, schedule, random, log, onDisabled } = this.#parts;
    const disabled = await writeResults(database, results, {
      ...{ server: this.#server, now, schedule, random },
    });
    this.#results = this.#results.slice(results.length);
    for (const { delivery } of results) this.#done(delivery);
    for (const one of disabled) {
      log.warn(one, 'a webhook was switched off');
      await onDisabled(one.endpoint_id, one.reason);
    }
  }
}
