import type { HealthCheck, IntegrationStatus } from '../../../contracts/integrationCalls.ts';
import type { IntegrationState } from '../../../contracts/integrations.ts';

/** Checks whose times are kept, for the trend. */
const KEPT = 20;
const FEWEST = 6;
const RECENT = 3;
const NOTICEABLE = 1.5;
const NOTICEABLE_MS = 20;

/** What is known after a check, from what was known before. */
export function afterCheck(before: IntegrationState, check: HealthCheck): IntegrationState {
  const { health, latency_ms, error, status, checked_at } = check;
  const isSame = before.health === health && before.since !== undefined;
  const latencies = before.latencies_ms ?? [];
  const kind = status === null ? 'unreachable' : `http_${status}`;
  return {
    health,
    since: isSame ? before.since : checked_at,
    checked_at,
    latency_ms,
    latencies_ms: latency_ms === null ? latencies : [...latencies, latency_ms].slice(-KEPT),
    failures: health === 'healthy' ? 0 : (before.failures ?? 0) + 1,
    ...(error === null ? {} : { last_error: { at: checked_at, kind, message: error } }),
  };
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Whether the last checks took longer than those before; null while there are too few. */
export function trendOf(latencies: readonly number[]): IntegrationStatus['trend'] {
  if (latencies.length < FEWEST) return null;
  const [recent, before] = [mean(latencies.slice(-RECENT)), mean(latencies.slice(0, -RECENT))];
  if (Math.abs(recent - before) < NOTICEABLE_MS) return 'same';
  if (recent > before * NOTICEABLE) return 'slower';
  return recent * NOTICEABLE < before ? 'faster' : 'same';
}
