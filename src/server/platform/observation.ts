import { TurnkeepError } from '../../contracts/errors.ts';
import type { observationEndpoints } from '../../contracts/observationEndpoints.ts';
import type { EndpointHandlers } from './http/endpoint.ts';
import type { LogFeed } from './logs/feed.ts';
import { readLogs } from './logs/reading.ts';
import type { Metrics } from './metrics/metrics.ts';
import { INTERVAL_SECONDS } from './metrics/series.ts';

type Parts = { logs: string; feed: LogFeed; metrics: Metrics };

/** The endpoints of `/api/v1/db/logs` and `/api/v1/db/metrics`. `logs` is the folder of the log. */
export function observationHandlers({
  logs,
  feed,
  metrics,
}: Parts): Pick<EndpointHandlers, keyof typeof observationEndpoints> {
  return {
    listLogs: (input, call) => readLogs(logs, input, call.signal),
    streamLogs: (filter, call) => {
      const last = call.header('last-event-id') ?? '';
      return feed.watch(filter, /^\d{1,15}$/.test(last) ? Number(last) : null, call.signal);
    },
    async listMetrics() {
      return { measures: metrics.list(), interval_seconds: INTERVAL_SECONDS };
    },
    async getMetric({ name, since, until, step_seconds }) {
      const found = metrics.series(name);
      if (!found) {
        throw new TurnkeepError(
          'not_found',
          `There is no measure "${name}". GET /api/v1/db/metrics lists them.`,
        );
      }
      const points = found.series.points(
        since === undefined ? 0 : Date.parse(since),
        until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until),
        step_seconds === undefined ? null : step_seconds * 1000,
      );
      return {
        name,
        unit: found.unit,
        points: points.map(({ at, value }) => ({ at: new Date(at).toISOString(), value })),
      };
    },
  };
}
