import { randomUUID } from 'node:crypto';
import type { CallMeasures, MeasuredHour } from '../../../contracts/integrationCalls.ts';
import type { LastError } from '../../../contracts/integrations.ts';
import type { Database, WriteTransaction } from '../../database/database.ts';
import type { DatabaseLog } from '../../database/log.ts';
import { noteState } from '../store.ts';
import { type Attempt, HOUR_MS, hourOf, type StoredSums, Sums } from './hours.ts';

/** Attempts are written this long after the first of them. */
const WITHIN_MS = 1000;
const AGAIN_MS = 5000;
const KEPT_DAYS = 90;

type Hour = { id: string; starts_at: string; sums: Sums; isStored: boolean; isChanged: boolean };

/**
 * Counts attempts by integration and hour, and writes the counts a moment later. The rows are of
 * this process alone: servers on one database do not count over one another. What was counted in
 * the last second is lost when the process is killed.
 */
export class MeasureRecorder {
  readonly #database: Database;
  readonly #log: DatabaseLog;
  readonly #instance = randomUUID().slice(0, 8);
  readonly #hours = new Map<string, Hour>();
  readonly #lastErrors = new Map<string, LastError>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #sweptAt = 0;

  constructor(database: Database, log: DatabaseLog) {
    this.#database = database;
    this.#log = log;
  }

  add(id: string, attempt: Attempt): void {
    const starts_at = hourOf(Date.now());
    const key = `${id}/${starts_at}`;
    let hour = this.#hours.get(key);
    if (!hour) {
      hour = { id, starts_at, sums: new Sums(), isStored: false, isChanged: true };
      this.#hours.set(key, hour);
    }
    hour.sums.add(attempt);
    hour.isChanged = true;
    if (attempt.error) {
      this.#lastErrors.set(id, { at: new Date().toISOString(), ...attempt.error });
    }
    this.#later(WITHIN_MS);
  }

  /** Resolves when all that was counted is written, or could not be. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  /** Counts of an integration are let go; those of the database go with it. */
  forget(id?: string): void {
    for (const [key, hour] of this.#hours) {
      if (id === undefined || hour.id === id) this.#hours.delete(key);
    }
    if (id === undefined) this.#lastErrors.clear();
    else this.#lastErrors.delete(id);
  }

  /** What the last hours come to, by integration. */
  async since(hours: number): Promise<Map<string, CallMeasures>> {
    const sums = new Map<string, Sums>();
    for (const row of await this.#rows(hours)) {
      const sum = sums.get(row.integration_id) ?? new Sums();
      sum.merge(row);
      sums.set(row.integration_id, sum);
    }
    return new Map([...sums].map(([id, sum]) => [id, sum.measures()]));
  }

  /** The last hours of an integration in which something was asked, newest first. */
  async byHour(id: string, hours: number): Promise<MeasuredHour[]> {
    const sums = new Map<string, Sums>();
    for (const row of await this.#rows(hours, id)) {
      const sum = sums.get(row.starts_at) ?? new Sums();
      sum.merge(row);
      sums.set(row.starts_at, sum);
    }
    return [...sums]
      .map(([starts_at, sum]) => ({ starts_at, ...sum.measures() }))
      .sort((a, b) => b.starts_at.localeCompare(a.starts_at));
  }

  async #rows(hours: number, id?: string) {
    await this.flush();
    let query = this.#database.read
      .selectFrom('integration_measures')
      .select(['integration_id', 'starts_at', 'requests', 'errors', 'sums'])
      .where('starts_at', '>', new Date(Date.now() - hours * HOUR_MS).toISOString());
    if (id !== undefined) query = query.where('integration_id', '=', id);
    return (await query.execute()).map((row) => ({ ...row, sums: row.sums as StoredSums }));
  }

  #later(ms: number): void {
    this.#timer ??= setTimeout(() => void this.flush(), ms).unref();
  }

  async #write(): Promise<void> {
    const changed = [...this.#hours.values()].filter((hour) => hour.isChanged);
    const errors = [...this.#lastErrors];
    if (changed.length === 0 && errors.length === 0) return;
    this.#lastErrors.clear();
    for (const hour of changed) hour.isChanged = false;
    try {
      await this.#database.write(async (tx) => {
        for (const hour of changed) await this.#writeHour(tx, hour);
        for (const [id, last_error] of errors) await noteState(tx, id, { last_error });
        await this.#sweep(tx);
      });
      for (const hour of changed) hour.isStored = true;
      this.#dropPast();
    } catch (error) {
      for (const hour of changed) hour.isChanged = true;
      for (const [id, one] of errors) {
        if (!this.#lastErrors.has(id)) this.#lastErrors.set(id, one);
      }
      this.#log.error({ reason: (error as Error).message }, 'measures of calls not written yet');
      this.#later(AGAIN_MS);
    }
  }

  async #writeHour(tx: WriteTransaction, hour: Hour): Promise<void> {
    const { id: integration_id, starts_at, sums } = hour;
    const measure_id = `${integration_id}/${starts_at}/${this.#instance}`;
    const { requests, errors } = sums;
    const counted = { requests, errors, sums: JSON.stringify(sums.stored()) };
    if (hour.isStored) await tx.update('integration_measures', { measure_id }, counted);
    else {
      const row = { measure_id, integration_id, starts_at, ...counted };
      await tx.insert('integration_measures', [row]);
    }
  }

  /** Hours that are over and written need not be known any more. */
  #dropPast(): void {
    const now = hourOf(Date.now());
    for (const [key, hour] of this.#hours) {
      if (hour.starts_at < now && hour.isStored && !hour.isChanged) this.#hours.delete(key);
    }
  }

  /** Once an hour: what is too old goes. */
  async #sweep(tx: WriteTransaction): Promise<void> {
    if (Date.now() - this.#sweptAt < HOUR_MS) return;
    this.#sweptAt = Date.now();
    const before = new Date(Date.now() - KEPT_DAYS * 24 * HOUR_MS).toISOString();
    const old = await tx.read
      .selectFrom('integration_measures')
      .select('measure_id')
      .where('starts_at', '<', before)
      .limit(5000)
      .execute();
    await tx.delete(
      'integration_measures',
      'measure_id',
      old.map((row) => row.measure_id),
    );
  }
}
