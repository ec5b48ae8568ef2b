import { toTurnkeepError } from '../../../contracts/errors.ts';
import type { HealthCheck } from '../../../contracts/integrationCalls.ts';
import type { HealthState } from '../../../contracts/integrations.ts';
import type { Answer } from '../external/answer.ts';
import { attempt } from '../external/attempt.ts';
import { AttemptFault } from '../external/faults.ts';
import { outgoing } from '../external/outgoing.ts';
import { targetOf } from '../external/target.ts';
import type { GuardedFetch } from '../guard/guardedFetch.ts';
import { type Keys, keyOf } from '../keys.ts';
import { hostObjection } from '../policy/decide.ts';
import { fullSettings } from '../settings.ts';
import type { StoredIntegration } from '../store.ts';

/** A check takes no longer, whatever calls may. */
const LONGEST_MS = 10_000;
const MAX_BYTES = 1024 * 1024;
const SLOW_MS = 2000;

type Found = Pick<HealthCheck, 'health' | 'status' | 'error'>;

/** What an answer says of the health. */
function found({ settings }: StoredIntegration, { status }: Answer, ms: number): Found {
  const { health_path, health_status, health_slow_ms = SLOW_MS } = settings;
  const isAsked = typeof health_path === 'string';
  const isWell = health_status
    ? health_status.includes(status)
    : isAsked
      ? status < 400
      : status < 500;
  const say = (health: HealthState, error: string | null): Found => ({ health, status, error });
  if (health_path !== null && (status === 401 || status === 403)) {
    if (!health_status?.includes(status)) {
      return say('degraded', `It answers, and refuses the key (HTTP ${status}).`);
    }
  }
  if (!isWell && status === 429) return say('degraded', 'It takes no more calls (HTTP 429).');
  if (!isWell) return say('down', `It answers with HTTP ${status}.`);
  if (ms > health_slow_ms) return say('degraded', `It took ${Math.round(ms)} ms to answer.`);
  return say('healthy', null);
}

/**
 * Asks an integration once how it is, past its circuit and its rate; it sends nothing but its key.
 * Never throws for what is wrong with the integration.
 */
export async function checkHealth(
  one: StoredIntegration,
  { fetch, keys }: { fetch: GuardedFetch; keys: Keys },
  signal: AbortSignal,
): Promise<HealthCheck> {
  const { integration_id } = one;
  const settings = fullSettings(one.settings);
  const checked_at = new Date().toISOString();
  const told = (of: Found, latency_ms: number | null): HealthCheck => {
    return { integration_id, ...of, latency_ms, checked_at };
  };
  const down = (error: string, status: number | null = null) =>
    told({ health: 'down', status, error }, null);
  const began = performance.now();
  const ms = () => Math.round((performance.now() - began) * 10) / 10;
  try {
    const path = settings.health_path ?? '';
    const method = settings.health_path === null ? 'HEAD' : 'GET';
    const call = { integration: integration_id, method, path } as const;
    const target = targetOf(one.base_url, call);
    const key = settings.health_path === null ? undefined : keyOf(keys, one);
    const answer = await attempt(outgoing(target, settings, key, call), {
      ...{ who: integration_id, fetch, signal, maxBytes: MAX_BYTES },
      allow: settings.allow_addresses ?? [],
      timeoutMs: Math.min(settings.timeout_ms, LONGEST_MS),
      redirects: settings.redirects,
      async onRedirect(url) {
        const objection = hostObjection(one.policy, target.base, url);
        if (objection) throw new Error(objection.message);
      },
    });
    return told(found(one, answer, ms()), ms());
  } catch (thrown) {
    signal.throwIfAborted();
    if (!(thrown instanceof AttemptFault)) return down(toTurnkeepError(thrown).message);
    if (thrown.answer) return told(found(one, thrown.answer, ms()), ms());
    return down(thrown.error.message);
  }
}
