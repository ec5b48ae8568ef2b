import type { Comparison, Metrics } from '../../contracts/evaluationTools.ts';

/** What is meant to be low: times, errors, what it costs. */
const LOWER =
  /(?:^|[._\s@/-])(?:latency|time|duration|elapsed|took|p\d{2,3}|ms|s|sec|seconds|errors?|error_rate|loss|cost|price|memory|rss|bytes|size|tokens|wer|cer|perplexity|rmse|mae|mse|fpr|fnr|false_\w+|failures?|failed|violations|regressions|timeouts)(?:$|[._\s@/()-])/i;
/** What only counts or names: more of it is neither better nor worse. */
const NEUTRAL =
  /^(?:n|k|seed|epochs?|steps?|count|total|questions|samples|items|rows|version|timestamp|\w+_count|n_\w+|num_\w+)$/i;
const TIMED = /(?:latency|time|duration|elapsed|took|p\d{2,3}|(?:^|_)ms$|sec)/i;

/** A change smaller than this part of the baseline is none; times are noisier. */
const NOISE = 0.005;
const TIME_NOISE = 0.1;

/**
 * What became of each metric. Higher is better, unless the name is that of something meant to be
 * low or the program says so; counts are not judged, nor what `isJudged` leaves out.
 */
export function compare(
  baseline: { job_id: string; metrics: Metrics },
  metrics: Metrics,
  lowerIsBetter: ReadonlySet<string>,
  isJudged: (name: string) => boolean = () => true,
): Comparison {
  const found: Comparison = {
    ...{ baseline_job_id: baseline.job_id, worse: [], better: [] },
    ...{ missing: [], changes: {} },
  };
  for (const [name, before] of Object.entries(baseline.metrics)) {
    const now = Object.hasOwn(metrics, name) ? metrics[name] : undefined;
    if (now === undefined) {
      found.missing.push(name);
      continue;
    }
    const change = now - before;
    found.changes[name] = Math.round(change * 1e9) / 1e9;
    const noise = Math.abs(before) * (TIMED.test(name) ? TIME_NOISE : NOISE);
    const isNeutral = NEUTRAL.test(name) && !lowerIsBetter.has(name);
    if (isNeutral || !isJudged(name) || Math.abs(change) <= Math.max(noise, 1e-9)) continue;
    const isLow = lowerIsBetter.has(name) || LOWER.test(name);
    (change > 0 === isLow ? found.worse : found.better).push(name);
  }
  return found;
}
