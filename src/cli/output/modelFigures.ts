import type {
  Figures,
  PerformanceCard,
  PerformanceRow,
  Standing,
  Threshold,
} from '../../contracts/modelPerformance.ts';
import { sqlTable } from './table.ts';
import { pairs } from './terminal.ts';
import { count, duration, harmless, localTime } from './text.ts';

/** Milliseconds for people: `85 ms`, `1.2 s`. */
export function milliseconds(ms: number | null): string {
  if (ms === null) return '';
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** An amount of US dollars for people, four digits after the point; the exact one is in `--json`. */
export function dollars(cost: string | null): string {
  return cost === null ? '' : `$${Number(cost).toFixed(4)}`;
}

/** The lines of a card: figures, those before, metrics that were given. */
export function cardLines(card: PerformanceCard): string {
  const { figures, before } = card;
  const rows: [string, string][] = [
    ['model', card.model_id],
    ['time', `${localTime(card.since)} to ${localTime(card.until)}`],
    ['calls', callsLine(figures, card.calls_by_origin)],
    ...timeRows('latency', figures.latency, before.latency),
    ...timeRows('first token', figures.first_token, before.first_token),
    ['tokens', `${number(figures.input_tokens)} in, ${number(figures.output_tokens)} out`],
    ['cost', figures.cost === null ? 'no price is known' : dollars(figures.cost)],
    ['trend', card.trend ?? 'too few calls to tell'],
  ];
  const given = Object.entries(card.performance_metrics);
  if (given.length > 0) {
    rows.push(['metrics', given.map(([metric, value]) => `${metric} ${value}`).join(', ')]);
  }
  return harmless(pairs(rows));
}

function callsLine(figures: Figures, origins: Record<string, number>): string {
  const of = Object.entries(origins).map(([origin, calls]) => `${number(calls)} ${origin}`);
  const failed = Object.entries(figures.errors_by_kind).map(([kind, n]) => `${number(n)} ${kind}`);
  const all = `${number(figures.calls)}${of.length > 0 ? ` (${of.join(', ')})` : ''}`;
  return failed.length === 0 ? all : `${all}; failed: ${failed.join(', ')}`;
}

function timeRows(
  name: string,
  now: Figures['latency'],
  before: Figures['latency'],
): [string, string][] {
  if (!now) return [];
  const was = before ? `; before ${milliseconds(before.p50)}` : '';
  return [[name, `p50 ${milliseconds(now.p50)}, p95 ${milliseconds(now.p95)}${was}`]];
}

const number = (value: number) => value.toLocaleString('en-US');

/** One line a model. */
export function overviewTable(rows: PerformanceRow[]): string {
  const columns = ['id', 'calls', 'errors', 'p50', 'p95', 'tokens', 'cost', 'trend', 'violations'];
  return table(
    columns,
    rows.map((row) => [
      ...[row.model_id, number(row.calls), number(row.errors)],
      ...[milliseconds(row.latency_p50_ms), milliseconds(row.latency_p95_ms)],
      number(row.input_tokens + row.output_tokens),
      ...[dollars(row.cost), row.trend ?? '', row.violations > 0 ? number(row.violations) : ''],
    ]),
  );
}

/** How models stand to thresholds. */
export function standingTable(standings: Standing[]): string {
  const columns = ['model', 'metric', 'value', 'bound', 'state', 'since'];
  return table(
    columns,
    standings.map((standing) => [
      ...[standing.model_id, standing.metric, String(standing.value ?? '')],
      boundOf(standing),
      standing.state.replaceAll('_', ' '),
      standing.since === null ? '' : localTime(standing.since),
    ]),
  );
}

/** The thresholds with their ids. */
export function thresholdTable(thresholds: Threshold[]): string {
  const columns = ['id', 'model', 'metric', 'bound', 'window', 'calls', 'violated since'];
  return table(
    columns,
    thresholds.map((threshold) => [
      ...[threshold.threshold_id, threshold.model_id ?? 'every model', threshold.metric],
      ...[boundOf(threshold), duration(threshold.window_seconds), String(threshold.min_samples)],
      threshold.violated_since === null ? '' : localTime(threshold.violated_since),
    ]),
  );
}

/** `at most 500`, `at least 0.9`. */
export function boundOf({ direction, threshold }: Pick<Threshold, 'direction' | 'threshold'>) {
  return `${direction === 'ceiling' ? 'at most' : 'at least'} ${threshold}`;
}

function table(columns: string[], rows: string[][]): string {
  return sqlTable({ columns, rows, command: 'SELECT', row_count: rows.length });
}

/** How many thresholds a model keeps. */
export function keptLine(thresholds: Standing[]): string {
  const kept = thresholds.filter(({ state }) => state === 'ok').length;
  return `It keeps ${kept} of ${count(thresholds.length, 'threshold')}.`;
}
