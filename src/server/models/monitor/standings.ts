import type { Figures, Standing, Threshold } from '../../../contracts/modelPerformance.ts';
import type { Model } from '../../../contracts/models.ts';
import { talliesOf } from '../calls/reading.ts';
import { Tally } from '../calls/tally.ts';
import type { Read } from '../rows.ts';
import { isMeasured, measuredValue } from './metrics.ts';
import { countingFor } from './thresholds.ts';

export type Measured = Pick<Model, 'model_id' | 'performance_metrics'>;

/**
 * How models stand to the thresholds that hold for them at `now` (ms). Since when is not known here.
 */
export async function standingsOf(
  read: Read,
  models: Measured[],
  thresholds: Threshold[],
  now: number,
): Promise<Standing[]> {
  const pairs = models.flatMap((model) =>
    countingFor(thresholds, model.model_id).map((threshold) => ({ model, threshold })),
  );
  const measured = pairs.filter(({ threshold }) => isMeasured(threshold.metric));
  const figures = new Map<number, Map<string, Figures>>();
  const only = models.length === 1 ? models[0]?.model_id : undefined;
  for (const window of new Set(measured.map(({ threshold }) => threshold.window_seconds))) {
    const asked = { model_id: only, since: now - window * 1000, until: now };
    const { tallies } = await talliesOf(read, asked, now);
    figures.set(window, new Map([...tallies].map(([id, tally]) => [id, tally.figures()])));
  }
  return pairs.map(({ model, threshold }) =>
    standingOf(model, threshold, figures.get(threshold.window_seconds)?.get(model.model_id)),
  );
}

const nothing = new Tally().figures();

function standingOf(
  { model_id, performance_metrics }: Measured,
  threshold: Threshold,
  figures: Figures = nothing,
): Standing {
  const { metric, direction } = threshold;
  const found = isMeasured(metric) ? measuredValue(metric, figures) : undefined;
  const value = found ? found.value : (performance_metrics[metric] ?? null);
  const samples = found?.samples ?? null;
  const state =
    samples !== null && samples < threshold.min_samples
      ? samples === 0
        ? 'no_value'
        : 'too_few_samples'
      : value === null
        ? 'no_value'
        : isViolated(value, threshold)
          ? 'violated'
          : 'ok';
  return {
    ...{ threshold_id: threshold.threshold_id, model_id, metric, direction },
    ...{ threshold: threshold.threshold, value, samples, state, since: null },
  };
}

/** A value at the bound itself keeps it. */
export function isViolated(
  value: number,
  { direction, threshold }: Pick<Threshold, 'direction' | 'threshold'>,
): boolean {
  return direction === 'ceiling' ? value > threshold : value < threshold;
}
