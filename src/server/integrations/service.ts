import type {
  ExternalAnswer,
  ExternalCall,
  HealthCheck,
  IntegrationsStatus,
  MeasuredHour,
} from '../../contracts/integrationCalls.ts';
import type { IntegrationPolicy, PolicyDecision } from '../../contracts/integrationPolicy.ts';
import type { HealthState, Integration, IntegrationInput } from '../../contracts/integrations.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import type { DatabaseLog } from '../database/log.ts';
import { AuditLog } from './audit/log.ts';
import { appendAudit } from './audit/writing.ts';
import { type Caller, ExternalCalls } from './calls.ts';
import { checkedInput, isOwnAddress } from './checking.ts';
import { Lanes } from './external/lanes.ts';
import { AllowList } from './guard/allowList.ts';
import {
  type GuardedFetch,
  type GuardedInit,
  type GuardOptions,
  makeGuardedFetch,
} from './guard/guardedFetch.ts';
import { checkHealth } from './health/checking.ts';
import { afterCheck } from './health/noting.ts';
import type { Keys } from './keys.ts';
import { MeasureRecorder } from './measures/recorder.ts';
import { checkPolicy } from './policy/checking.ts';
import { statusOfAll } from './status.ts';
import {
  changeIntegration,
  deleteIntegration,
  integrationById,
  listIntegrations,
  noteState,
  putIntegration,
  type StoredIntegration,
} from './store.ts';

const MEASURED_HOURS = 24;
const shared = makeGuardedFetch();

/**
 * `fetch` behind the address guard: it connects to the open internet and to what `allow` names, and
 * follows no redirect. Connections are kept open for a while, for the whole server.
 * @throws TurnkeepError `refused` for an address that is not allowed, `timed_out`,
 *   `invalid_request`; else what undici's `fetch` throws when nobody answers.
 */
export function guardedFetch(
  url: string | URL,
  init: GuardedInit,
  options: GuardOptions,
): ReturnType<GuardedFetch> {
  return shared.fetch(url, init, options);
}

/** Whether an address is of this computer: nothing leaves it. */
export function isLoopback(url: URL): boolean {
  return isOwnAddress(url);
}

/** Checks a list of `allow`. @throws TurnkeepError `invalid_request` for an entry that is nothing. */
export function checkAllowList(entries: readonly string[]): void {
  new AllowList(entries);
}

/** The health of an integration is another one than before. */
export type HealthChange = {
  integration_id: string;
  name: string;
  before: HealthState;
  after: HealthState;
  error: string | null;
  at: string;
};

export type IntegrationsParts = {
  database: Database;
  log: DatabaseLog;
  keys: Keys;
  /** Instead of {@link guardedFetch}. */
  fetch?: GuardedFetch;
  /** Told of a change in the write that notes it, so that what it writes is there or neither. */
  onHealthChanged?: (tx: WriteTransaction, change: HealthChange) => Promise<void>;
};

/** The connected systems: the door of this folder. */
export class Integrations {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly #parts: IntegrationsParts;
  readonly #fetch: GuardedFetch;
  readonly #lanes = new Lanes();
  readonly #measures: MeasureRecorder;
  readonly #calls: ExternalCalls;

  constructor(parts: IntegrationsParts) {
    const { database, log, keys, fetch = guardedFetch } = parts;
    this.#parts = parts;
    this.database = database;
    this.audit = new AuditLog(database);
    this.#fetch = fetch;
    this.#measures = new MeasureRecorder(database, log);
    const { audit } = this;
    this.#calls = new ExternalCalls({
      ...{ fetch, keys, audit, lanes: this.#lanes, measures: this.#measures },
    });
  }

  async list(): Promise<Integration[]> {
    return (await listIntegrations(this.database.read)).map((one) => this.#known(one));
  }

  /** @throws TurnkeepError `not_found` naming those that there are. */
  async get(integration_id: string): Promise<Integration> {
    return this.#known(await this.#stored(integration_id));
  }

  /** Connects a system, in place of the one of its id. @throws TurnkeepError `invalid_request`. */
  async put(input: IntegrationInput, { actor }: Caller) {
    const checked = await checkedInput(input);
    const id = input.integration_id;
    const done = await this.database.write(async (tx) => {
      const put = await putIntegration(tx, checked);
      if (put !== 'same') await this.#noteChange(tx, id, actor, put === 'new' ? 'add' : 'change');
      return put;
    });
    if (done === 'changed') this.#lanes.reset(id);
    return { integration: await this.get(id), isNew: done === 'new' };
  }

  /** Forgets an integration with its measures. False when there was none. */
  async remove(id: string, { actor }: Caller): Promise<boolean> {
    await this.#measures.flush();
    this.#measures.forget(id);
    const isGone = await this.database.write(async (tx) => {
      const gone = await deleteIntegration(tx, id);
      if (gone) await this.#noteChange(tx, id, actor, 'remove');
      return gone;
    });
    this.#lanes.reset(id);
    return isGone;
  }

  /** Lets it be called, or no more. @throws TurnkeepError `not_found`. */
  async setEnabled(id: string, enabled: boolean, { actor }: Caller): Promise<Integration> {
    await this.database.write(async (tx) => {
      await changeIntegration(tx, id, { enabled });
      await this.#noteChange(tx, id, actor, enabled ? 'enable' : 'disable');
    });
    this.#lanes.reset(id);
    return this.get(id);
  }

  /** @throws TurnkeepError `not_found`, `invalid_request` for a policy that cannot be carried out. */
  async setPolicy(
    id: string,
    policy: IntegrationPolicy,
    { actor }: Caller,
  ): Promise<IntegrationPolicy> {
    await checkPolicy(policy);
    await this.database.write(async (tx) => {
      await changeIntegration(tx, id, { policy: JSON.stringify(policy) });
      await this.#noteChange(tx, id, actor, 'policy');
    });
    return policy;
  }

  /** What the policy would say of a call; nothing is sent. @throws TurnkeepError `not_found`. */
  async decision(call: ExternalCall): Promise<PolicyDecision> {
    return this.#calls.decision(await this.#stored(call.integration), call);
  }

  /**
   * Calls an integration; what it answers is given back, whatever its status.
   * @throws TurnkeepError `not_found`, `refused`, `rate_limited`, `invalid_request`, `timed_out`,
   *   `cancelled`, `external_failed`, `external_unavailable`.
   */
  async call(call: ExternalCall, caller: Caller): Promise<ExternalAnswer> {
    return this.#calls.call(await this.#stored(call.integration), call, caller);
  }

  /**
   * Asks an integration how it is, and notes it.
   * @param next_check_at when it is looked at again, for those who show it
   * @throws TurnkeepError `not_found`; the reason of the signal.
   */
  async health(
    integration_id: string,
    { signal, next_check_at }: { signal: AbortSignal; next_check_at?: string | null },
  ): Promise<HealthCheck> {
    const one = await this.#stored(integration_id);
    const check = await checkHealth(one, { fetch: this.#fetch, keys: this.#parts.keys }, signal);
    if (
      check.health !== 'down' &&
      this.#lanes.of(integration_id, one.settings).circuit === 'open'
    ) {
      this.#lanes.reset(integration_id);
    }
    await this.database.write(async (tx) => {
      const { state } = await integrationById(tx.read, integration_id);
      const after = afterCheck(state, check);
      const next = next_check_at === undefined ? {} : { next_check_at };
      await noteState(tx, integration_id, { ...after, ...next });
      const before = state.health ?? 'unknown';
      if (before === check.health) return;
      const { name } = one;
      const { health, error, checked_at: at } = check;
      const change = { integration_id, name, before, after: health, error, at };
      await this.#parts.onHealthChanged?.(tx, change);
    });
    return check;
  }

  /** How all of them are, and how their calls went in the last 24 hours. */
  async status(): Promise<IntegrationsStatus> {
    const measures = await this.#measures.since(MEASURED_HOURS);
    return statusOfAll(await listIntegrations(this.database.read), measures, this.#lanes);
  }

  /** How the calls of one went, by hours, newest first. @throws TurnkeepError `not_found`. */
  async measures(integration_id: string, hours = MEASURED_HOURS): Promise<MeasuredHour[]> {
    await this.#stored(integration_id);
    return this.#measures.byHour(integration_id, hours);
  }

  /** A backup was loaded: what was known of the data does not hold. */
  restored(): void {
    this.#measures.forget();
  }

  /** Writes what is not written yet and ends the connections. */
  async close(): Promise<void> {
    await this.#measures.flush();
    await shared.close();
  }

  #stored(id: string): Promise<StoredIntegration> {
    return integrationById(this.database.read, id);
  }

  #noteChange(tx: WriteTransaction, id: string, actor: string, action: string): Promise<void> {
    const subject = `integration:${id}`;
    return appendAudit(tx, [{ actor, subject, decision: 'changed', detail: { action } }]);
  }

  #known(one: StoredIntegration): Integration {
    const isThere = one.key_ref === null || this.#parts.keys.find(one.key_ref) !== undefined;
    return { ...one, has_key: isThere };
  }
}
