import type { Standing } from '../../contracts/modelPerformance.ts';
import { ago } from '../pages/plainText.ts';
import { dollars, milliseconds, percent } from './amounts.ts';

/** A name of a metric for people: `latency_p95_ms` is `Latency p95`. */
export function metricName(metric: string): string {
  const words = metric.replace(/_(ms|usd)$/, '').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A value of a metric with what it is measured in. */
export function metricValue(metric: string, value: number): string {
  if (metric.endsWith('_ms')) return milliseconds(value);
  if (metric.startsWith('cost')) return dollars(String(value));
  if (metric === 'error_rate') return percent(value);
  return value.toLocaleString('en', { maximumFractionDigits: 4 });
}

/** `at most 500 ms`, `at least 0.9`. */
export function boundText({
  metric,
  direction,
  threshold,
}: Pick<Standing, 'metric' | 'direction' | 'threshold'>): string {
  const bound = direction === 'ceiling' ? 'at most' : 'at least';
  return `${bound} ${metricValue(metric, threshold)}`;
}

/** A violated threshold in one line: `Latency p95 is 900 ms, at most 500 ms is wanted, since …`. */
export function standingText(standing: Standing, now = Date.now()): string {
  const { metric, value, since } = standing;
  const is = value === null ? 'has no value' : `is ${metricValue(metric, value)}`;
  const from = since ? ` (${ago(since, now)})` : '';
  return `${metricName(metric)} ${is}; wanted is ${boundText(standing)}${from}`;
}
