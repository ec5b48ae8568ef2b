import type { Drift, Standing } from '../../contracts/modelPerformance.ts';
import type { modelPerformanceTools } from '../../contracts/modelPerformanceTools.ts';
import type { Handlers } from '../platform/tool.ts';
import { updateMetrics } from './monitor/given.ts';
import type { Models } from './service.ts';

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;

/** The tools of the performance of models. */
export function modelPerformanceToolHandlers(
  models: Models,
): Pick<Handlers, keyof typeof modelPerformanceTools> {
  const find = (name: string) => models.resolve(name, { inactive: true });
  return {
    async get_model_performance({ model, hours = DAY_HOURS }) {
      const since = new Date(Date.now() - hours * HOUR_MS).toISOString();
      const card = await models.performance.card(await find(model), { since });
      const { model_id, performance_metrics, trend, figures } = card;
      return {
        model_id,
        figures: {
          // Given metrics first: what is measured has its names.
          ...performance_metrics,
          ...{ calls: figures.calls, error_rate: figures.error_rate },
          latency_p50_ms: figures.latency?.p50 ?? null,
          latency_p95_ms: figures.latency?.p95 ?? null,
          first_token_p50_ms: figures.first_token?.p50 ?? null,
          ...{ input_tokens: figures.input_tokens, output_tokens: figures.output_tokens },
          ...{ cost: figures.cost, trend },
        },
      };
    },
    async check_model_performance({ model }) {
      const check = await models.performance.check(await find(model));
      const { model_id, is_performing_well } = check;
      return {
        ...{ model_id, is_performing_well },
        violations: check.violations.map(violationLine),
        drift: check.drift.map(driftLine),
      };
    },
    update_model_performance: ({ model, ...given }) => updateMetrics(models.database, model, given),
  };
}

function violationLine({ metric, value, direction, threshold, since }: Standing): string {
  const sign = direction === 'ceiling' ? '>' : '<';
  return `${metric} ${value} ${sign} ${threshold}, since ${since}`;
}

function driftLine({ metric, baseline, current, is_worse }: Drift): string {
  return `${metric} ${current}, was ${baseline}: ${is_worse ? 'worse' : 'better'}`;
}
