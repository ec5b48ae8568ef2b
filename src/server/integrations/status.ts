import type {
  CallMeasures,
  IntegrationStatus,
  IntegrationsStatus,
} from '../../contracts/integrationCalls.ts';
import { HEALTH_STATES, type HealthState } from '../../contracts/integrations.ts';
import type { Lanes } from './external/lanes.ts';
import { trendOf } from './health/noting.ts';
import { Sums } from './measures/hours.ts';
import type { StoredIntegration } from './store.ts';

/** How an integration is: as its last check found, and down while its circuit is open. */
function statusOf(
  one: StoredIntegration,
  measures: CallMeasures | undefined,
  lanes: Lanes,
): IntegrationStatus {
  const { integration_id, name, kind, enabled, settings, state } = one;
  const { circuit, inFlight } = lanes.of(integration_id, settings);
  const found = circuit === 'open' ? 'down' : (state.health ?? 'unknown');
  const health: HealthState = enabled ? found : 'off';
  return {
    ...{ integration_id, name, kind, enabled, health, circuit, in_flight: inFlight },
    since: state.since ?? null,
    checked_at: state.checked_at ?? null,
    next_check_at: (enabled ? state.next_check_at : null) ?? null,
    check_ms: state.latency_ms ?? null,
    trend: trendOf(state.latencies_ms ?? []),
    last_error: state.last_error ?? null,
    ...(measures ?? new Sums().measures()),
  };
}

/** How all of them are, with how many are in which health. */
export function statusOfAll(
  all: readonly StoredIntegration[],
  measures: ReadonlyMap<string, CallMeasures>,
  lanes: Lanes,
): IntegrationsStatus {
  const integrations = all.map((one) => statusOf(one, measures.get(one.integration_id), lanes));
  const summary = Object.fromEntries(
    HEALTH_STATES.map((state) => [
      state,
      integrations.filter((one) => one.health === state).length,
    ]),
  ) as IntegrationsStatus['summary'];
  return { summary, integrations };
}
