import Big from 'big.js';
import { sql } from 'kysely';
import { TurnkeepError } from '../../../contracts/errors.ts';
import type { Database, WriteTransaction } from '../../database/database.ts';
import { uuidv7 } from '../../platform/ids.ts';
import type { Log } from '../../platform/logging.ts';

const DAY_MS = 86_400_000;
/** Days that are kept; their sums are in the roll-ups of the models' calls. */
const KEPT_DAYS = 7;

/** A part of the day's money, held for a call until it is known what it cost. */
export type Reservation = { spending_id: string };

const dayOf = (moment: number) => new Date(moment).toISOString().slice(0, 10);

function sumOf(read: Database['read'] | WriteTransaction['read'], day: string) {
  return read
    .selectFrom('ai_spending')
    .select(sql<string>`coalesce(sum(amount), 0)::text`.as('sum'))
    .where('day', '=', day)
    .executeTakeFirstOrThrow();
}

/**
 * What calls have cost on a day, for all servers on one database: reserved before a call, settled
 * after it. What a server that has died had reserved stays spent until the day is over.
 */
export class Spending {
  readonly #database: Database;
  readonly #log: Log;
  readonly #settling = new Set<Promise<void>>();

  constructor(database: Database, log: Log) {
    this.#database = database;
    this.#log = log;
  }

  /** US dollars of today, with what is reserved. */
  async today(): Promise<string> {
    await this.settled();
    return new Big((await sumOf(this.#database.read, dayOf(Date.now()))).sum).toFixed();
  }

  /**
   * Reserves what a call may cost at most.
   * @throws TurnkeepError `spending_limit` when the day's limit would not hold.
   */
  async reserve(amount: Big, limit: string): Promise<Reservation> {
    const now = Date.now();
    const [day, at] = [dayOf(now), new Date(now).toISOString()];
    const spending_id = uuidv7();
    await this.#database.write(async (tx) => {
      // One at a time, also of several servers: each sees what the one before has reserved.
      await sql`select pg_advisory_xact_lock(hashtext('turnkeep.ai_spending'))`.execute(tx.read);
      const spent = new Big((await sumOf(tx.read, day)).sum);
      if (spent.plus(amount).gt(limit)) throw overLimit(spent, amount, limit, now);
      await this.#forgetOld(tx, now);
      const row = { spending_id, day, amount: amount.toFixed(), settled: false, at };
      await tx.insert('ai_spending', [row]);
    });
    return { spending_id };
  }

  /** Notes what a call has cost, in place of what was reserved for it; nobody waits for it. */
  settle(reservation: Reservation | undefined, cost: string | null): void {
    if (!reservation && (cost === null || new Big(cost).eq(0))) return;
    const work = this.#database
      .write(async (tx) => {
        const amount = cost ?? '0';
        if (reservation) {
          await tx.update('ai_spending', reservation, { amount, settled: true });
          return;
        }
        const now = Date.now();
        const at = new Date(now).toISOString();
        const row = { spending_id: uuidv7(), day: dayOf(now), amount, settled: true, at };
        await this.#forgetOld(tx, now);
        await tx.insert('ai_spending', [row]);
      })
      .catch((error: Error) => this.#log.warn({ reason: error.message }, 'spending not settled'))
      .then(() => void this.#settling.delete(work));
    this.#settling.add(work);
  }

  /** Resolves when all that was settled is stored. */
  async settled(): Promise<void> {
    await Promise.all(this.#settling);
  }

  async #forgetOld(tx: WriteTransaction, now: number): Promise<void> {
    const old = await tx.read
      .selectFrom('ai_spending')
      .select('day')
      .distinct()
      .where('day', '<', dayOf(now - KEPT_DAYS * DAY_MS))
      .execute();
    await tx.delete(
      'ai_spending',
      'day',
      old.map(({ day }) => day),
    );
  }
}

function overLimit(spent: Big, amount: Big, limit: string, now: number): TurnkeepError {
  const midnight = Date.parse(`${dayOf(now + DAY_MS)}T00:00:00Z`);
  return new TurnkeepError(
    'spending_limit',
    `The limit of ${limit} US dollars a day does not leave enough: ${spent.round(4).toFixed()} are spent or reserved, and this call may cost up to ${amount.round(6, Big.roundUp).toFixed()}. Ask for less (max_output_tokens), wait until midnight UTC, name a cheaper model, or raise it with "turnkeep ai settings --daily-limit".`,
    { retryAfter: Math.ceil((midnight - now) / 1000) },
  );
}
