import type {
  PerformanceCard,
  PerformanceRow,
  Standing,
} from '../../../contracts/modelPerformance.ts';
import type { Model } from '../../../contracts/models.ts';
import { startOf } from '../calls/grains.ts';
import { asMoney } from '../calls/money.ts';
import { talliesOf, tallyOf } from '../calls/reading.ts';
import { Tally } from '../calls/tally.ts';
import type { Read } from '../rows.ts';
import { latencyChange, trendOf } from './trend.ts';

const DAY_MS = 86_400_000;

type Span = { since: number; until: number; origin?: string | undefined };

/** The card of a model without its violations: figures of a time (ms), and of as long before it. */
export async function cardOf(
  read: Read,
  model: Model,
  { since, until, origin }: Span,
  now: number,
): Promise<Omit<PerformanceCard, 'violations' | 'is_performing_well'>> {
  const { model_id, model_name, provider, version, is_active, performance_metrics } = model;
  const current = await tallyOf(read, { model_id, origin, since, until }, now);
  const earlier = { since: since - (until - since), until: current.since };
  const { tally } = await tallyOf(read, { model_id, origin, ...earlier }, now);
  const figures = current.tally.figures();
  const before = tally.figures();
  return {
    ...{ model_id, model_name, provider, version, is_active },
    since: new Date(current.since).toISOString(),
    until: new Date(until).toISOString(),
    ...{ figures, before, trend: trendOf(before, figures) },
    calls_by_origin: Object.fromEntries(current.byOrigin),
    performance_metrics,
  };
}

/** Every model that was called in the last `days` (in UTC, today is one), or as long before. */
export async function overviewOf(
  read: Read,
  days: number,
  violations: Standing[],
  now: number,
): Promise<PerformanceRow[]> {
  const tomorrow = startOf('day', now) + DAY_MS;
  const since = tomorrow - days * DAY_MS;
  const recent = await talliesOf(read, { since, until: tomorrow, isRough: true }, now);
  const { tallies } = recent;
  const before = { since: since - days * DAY_MS, until: since, isRough: true };
  const earlier = await talliesOf(read, before, now);
  const none = new Tally();
  const ids = new Set([...tallies.keys(), ...earlier.tallies.keys()]);
  return [...ids].sort().map((model_id) => {
    const tally = tallies.get(model_id) ?? none;
    const figures = tally.figures();
    const earlierFigures = (earlier.tallies.get(model_id) ?? none).figures();
    return {
      ...{ model_id, calls: figures.calls, errors: figures.errors },
      latency_p50_ms: figures.latency?.p50 ?? null,
      latency_p95_ms: figures.latency?.p95 ?? null,
      first_token_p50_ms: figures.first_token?.p50 ?? null,
      ...{ input_tokens: figures.input_tokens, output_tokens: figures.output_tokens },
      cost: figures.priced_calls === 0 ? null : asMoney(tally.cost),
      trend: trendOf(earlierFigures, figures),
      latency_change: latencyChange(earlierFigures, figures),
      violations: violations.filter((standing) => standing.model_id === model_id).length,
      last_day: (recent.last.get(model_id) ?? earlier.last.get(model_id))?.slice(0, 10) ?? null,
    };
  });
}
