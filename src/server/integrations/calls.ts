import { TurnkeepError } from '../../contracts/errors.ts';
import type { ExternalAnswer, ExternalCall } from '../../contracts/integrationCalls.ts';
import type { Objection, PolicyDecision } from '../../contracts/integrationPolicy.ts';
import type { AuditLog } from './audit/log.ts';
import { checkHeaders } from './checking.ts';
import { attempt } from './external/attempt.ts';
import { Deadline } from './external/deadline.ts';
import type { Lanes } from './external/lanes.ts';
import { outgoing } from './external/outgoing.ts';
import { isRepeatable, run } from './external/running.ts';
import { type Target, targetOf } from './external/target.ts';
import type { GuardedFetch } from './guard/guardedFetch.ts';
import { AddressRefused } from './guard/refusal.ts';
import { type Keys, keyOf } from './keys.ts';
import type { MeasureRecorder } from './measures/recorder.ts';
import { BodyChecks } from './policy/compiled.ts';
import { decide, hostObjection } from './policy/decide.ts';
import { Rates } from './policy/rates.ts';
import { fullSettings } from './settings.ts';
import type { StoredIntegration } from './store.ts';

/** Who calls: `actor` is what the audit log says of it. */
export type Caller = { actor: string; signal?: AbortSignal | undefined };

export type CallParts = {
  fetch: GuardedFetch;
  keys: Keys;
  lanes: Lanes;
  audit: AuditLog;
  measures: MeasureRecorder;
};

type Asked = { one: StoredIntegration; call: ExternalCall; target: Target; caller: Caller };

function refused(id: string, objections: readonly Objection[]): TurnkeepError {
  const [first] = objections;
  return new TurnkeepError(
    'refused',
    `The policy of "${id}" refuses the call. ${first?.message ?? ''}`,
    { fields: objections.map(({ field, message }) => ({ path: field ?? '', message })) },
  );
}

/** Calls of integrations, each allowed or refused by its policy, and noted in the audit log. */
export class ExternalCalls {
  readonly #parts: CallParts;
  readonly #checks = new BodyChecks();
  readonly #rates = new Rates();

  constructor(parts: CallParts) {
    this.#parts = parts;
  }

  /** What the policy says of a call, without its rate. @throws TurnkeepError `invalid_request`. */
  async decision(one: StoredIntegration, call: ExternalCall): Promise<PolicyDecision> {
    checkHeaders(call.headers ?? {}, 'headers');
    const target = targetOf(one.base_url, call);
    const decision = await decide(one.policy, this.#checks, { ...target, call });
    if (one.enabled) return decision;
    const message = 'It is disabled: `turnkeep integrations enable` lets it be called again.';
    const objections = [{ rule: 'disabled', field: null, message }, ...decision.objections];
    return { ...decision, allowed: false, objections };
  }

  /**
   * Calls an integration.
   * @throws TurnkeepError `refused` by policy, address guard or for want of its key, `rate_limited`,
   *   `invalid_request`, `timed_out`, `cancelled`, `external_failed`, `external_unavailable`.
   */
  async call(one: StoredIntegration, call: ExternalCall, caller: Caller): Promise<ExternalAnswer> {
    const decision = await this.decision(one, call);
    const asked: Asked = { one, call, target: targetOf(one.base_url, call), caller };
    const { data_classes } = decision;
    if (!decision.allowed) {
      await this.#note(asked, 'refused', { data_classes, objections: decision.objections });
      throw refused(one.integration_id, decision.objections);
    }
    const key = keyOf(this.#parts.keys, one);
    const request = outgoing(asked.target, one.settings, key, call);
    const wait = await this.#rates.take(one.integration_id, one.policy);
    if (wait !== null) {
      const message = `Its policy allows no more calls for ${wait} s.`;
      const objections = [{ rule: 'rate', field: null, message }];
      await this.#note(asked, 'refused', { data_classes, objections });
      const text = `"${one.integration_id}": ${message}`;
      throw new TurnkeepError('rate_limited', text, { retryAfter: wait });
    }
    const bytes = request.body === null ? 0 : Buffer.byteLength(request.body);
    await this.#note(asked, 'allowed', { data_classes, bytes });
    return this.#send(asked, request);
  }

  async #send(asked: Asked, request: ReturnType<typeof outgoing>): Promise<ExternalAnswer> {
    const { one, call, target, caller } = asked;
    const { lanes, measures, fetch } = this.#parts;
    const id = one.integration_id;
    const settings = fullSettings(one.settings);
    const { timeout_ms: timeoutMs, redirects, max_response_bytes: maxBytes } = settings;
    const deadline = new Deadline(call.timeout_ms ?? settings.deadline_ms, id, caller.signal);
    const began = performance.now();
    const options = {
      ...{ who: id, fetch, timeoutMs, redirects, maxBytes, signal: deadline.signal },
      allow: settings.allow_addresses ?? [],
      onRedirect: (url: URL) => this.#redirected(asked, url),
    };
    try {
      const { answer, attempts } = await run({
        ...{ who: id, lane: lanes.of(id, one.settings), deadline },
        retries: isRepeatable(target.method, call.idempotency_key) ? settings.retries : 0,
        attempt: () => attempt(request, options),
        onAttempt: (made) => measures.add(id, made),
      });
      const ok = answer.status >= 200 && answer.status < 300;
      const duration_ms = Math.round(performance.now() - began);
      return { integration: id, ok, ...answer, attempts, duration_ms };
    } catch (thrown) {
      if (thrown instanceof AddressRefused) {
        const objections = [{ rule: 'address', field: null, message: thrown.message }];
        await this.#note(asked, 'refused', { objections });
      }
      throw thrown;
    } finally {
      deadline.end();
    }
  }

  async #redirected(asked: Asked, url: URL): Promise<void> {
    const objection = hostObjection(asked.one.policy, asked.target.base, url);
    const where = { redirect: url.host };
    if (!objection) return this.#note(asked, 'allowed', where);
    await this.#note(asked, 'refused', { ...where, objections: [objection] });
    throw refused(asked.one.integration_id, [
      { ...objection, message: `It redirects. ${objection.message}` },
    ]);
  }

  #note(
    { one, target, caller }: Asked,
    decision: 'allowed' | 'refused',
    more: Record<string, unknown>,
  ): Promise<void> {
    const { method, base, path } = target;
    return this.#parts.audit.add({
      actor: caller.actor,
      subject: `integration:${one.integration_id}`,
      decision,
      detail: { action: 'call', method, host: base.host, path: path.slice(0, 500), ...more },
    });
  }
}
