import type { Drift } from '../../../contracts/modelPerformance.ts';
import { Histogram } from '../calls/histogram.ts';
import { tallyOf } from '../calls/reading.ts';
import type { Tally } from '../calls/tally.ts';
import type { Read } from '../rows.ts';

const DAY_MS = 86_400_000;
const RECENT_MS = DAY_MS;
const BASELINE_MS = 28 * DAY_MS;
/** Fewer calls, of the last day and before, tell of chance alone. */
const RECENT_SAMPLES = 30;
const BASELINE_SAMPLES = 100;
/** A change that a person notices. */
const LEAST_CHANGE = 0.25;
const LEAST_RATE_CHANGE = 0.02;
/** Chance gives a wider distance or difference once in a hundred and a thousand times. */
const KOLMOGOROV = 1.63;
const NORMAL = 3.29;

/**
 * Measures of a model's last day that are not what they were in the four weeks before: changed by a
 * quarter at least, and by more than chance does.
 */
export async function driftOf(read: Read, model_id: string, now: number): Promise<Drift[]> {
  const [recent, baseline] = await Promise.all([
    tallyOf(read, { model_id, since: now - RECENT_MS, until: now }, now),
    tallyOf(read, { model_id, since: now - RECENT_MS - BASELINE_MS, until: now - RECENT_MS }, now),
  ]);
  return driftBetween(baseline.tally, recent.tally);
}

/** The same of any two times. */
export function driftBetween(baseline: Tally, recent: Tally): Drift[] {
  return [
    ...timeDrift('latency_p50_ms', baseline.durations, recent.durations),
    ...timeDrift('first_token_p50_ms', baseline.firstTokens, recent.firstTokens),
    ...timeDrift('input_tokens_p50', baseline.prompts, recent.prompts),
    ...rateDrift(baseline, recent),
  ];
}

function timeDrift(metric: string, baseline: Histogram, recent: Histogram): Drift[] {
  if (baseline.count < BASELINE_SAMPLES || recent.count < RECENT_SAMPLES) return [];
  const before = baseline.quantile(0.5);
  const current = recent.quantile(0.5);
  if (before === 0) return [];
  const change = current / before - 1;
  const [n, m] = [baseline.count, recent.count];
  const isChance =
    Histogram.distance(baseline, recent) <= KOLMOGOROV * Math.sqrt((n + m) / (n * m));
  if (Math.abs(change) < LEAST_CHANGE || isChance) return [];
  return [
    {
      ...{ metric, baseline: Math.round(before), current: Math.round(current) },
      ...{ change: rounded(change), is_worse: change > 0 },
      ...{ baseline_samples: n, samples: m },
    },
  ];
}

/** By the test of two shares. */
function rateDrift(baseline: Tally, recent: Tally): Drift[] {
  const [n, m] = [baseline.calls, recent.calls];
  if (n < BASELINE_SAMPLES || m < RECENT_SAMPLES) return [];
  const before = baseline.errors / n;
  const current = recent.errors / m;
  const pooled = (baseline.errors + recent.errors) / (n + m);
  const spread = Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
  const difference = current - before;
  if (Math.abs(difference) < LEAST_RATE_CHANGE || Math.abs(difference) <= NORMAL * spread)
    return [];
  return [
    {
      ...{ metric: 'error_rate', baseline: rounded(before), current: rounded(current) },
      // From none to some is no multiple: the difference tells.
      ...{ change: rounded(before === 0 ? difference : current / before - 1) },
      ...{ is_worse: difference > 0, baseline_samples: n, samples: m },
    },
  ];
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
