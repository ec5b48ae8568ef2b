import type { Grain, SeriesPoint, Threshold } from '../../../contracts/modelPerformance.ts';
import { boundText } from '../../models/standingText.ts';
import type { Bound, Plot, Range, Series, Unit } from './message.ts';

const MINUTE = 60_000;
const STEPS: Record<Grain, number> = { minute: MINUTE, hour: 60 * MINUTE, day: 1440 * MINUTE };
const SPANS: Record<Range, { step: Grain; points: number }> = {
  hour: { step: 'minute', points: 60 },
  day: { step: 'hour', points: 24 },
  week: { step: 'hour', points: 168 },
  month: { step: 'day', points: 30 },
  year: { step: 'day', points: 365 },
};

export type Spans = { step: Grain; starts: string[] };

/** The starts of all spans of a range, the one that `now` is in the last; ISO, oldest first. */
export function spansOf(range: Range, now = Date.now()): Spans {
  const { step, points } = SPANS[range];
  const length = STEPS[step];
  const last = Math.floor(now / length) * length;
  const starts = Array.from({ length: points }, (_none, index) =>
    new Date(last - (points - 1 - index) * length).toISOString(),
  );
  return { step, starts };
}

type Value = (point: SeriesPoint) => number | null;
type Line = [name: string, value: Value, metric?: string];
type Shape = {
  id: string;
  title: string;
  unit: Unit;
  /** Bars are sums of a span; lines are not, and are the same for a span of any length. */
  kind: Series['kind'];
  lines: Line[];
};

const errorShare: Value = ({ calls, errors }) => (calls > 0 ? errors / calls : null);
const costOf: Value = ({ cost }) => (cost === null ? null : Number(cost));

/** Every plot of the page, and which metric each of its lines shows. */
const SHAPES: Shape[] = [
  {
    ...{ id: 'latency', title: 'Latency', unit: 'ms', kind: 'line' },
    lines: [
      ['p50', (point) => point.latency_p50_ms, 'latency_p50_ms'],
      ['p95', (point) => point.latency_p95_ms, 'latency_p95_ms'],
    ],
  },
  {
    ...{ id: 'firstToken', title: 'Time to first token', unit: 'ms', kind: 'line' },
    lines: [
      ['p50', (point) => point.first_token_p50_ms, 'first_token_p50_ms'],
      ['p95', (point) => point.first_token_p95_ms, 'first_token_p95_ms'],
    ],
  },
  {
    ...{ id: 'tokens', title: 'Tokens', unit: 'tokens', kind: 'bar' },
    lines: [
      ['in', (point) => point.input_tokens, 'input_tokens'],
      ['out', (point) => point.output_tokens, 'output_tokens'],
    ],
  },
  {
    ...{ id: 'cost', title: 'Cost', unit: 'usd', kind: 'bar' },
    lines: [['cost', costOf, 'cost']],
  },
  {
    ...{ id: 'calls', title: 'Calls and errors', unit: 'calls', kind: 'bar' },
    lines: [
      ['calls', (point) => point.calls, 'calls'],
      ['errors', (point) => point.errors, 'errors'],
    ],
  },
  {
    ...{ id: 'errors', title: 'Share of errors', unit: 'ratio', kind: 'line' },
    lines: [['errors', errorShare, 'error_rate']],
  },
];

/** Metrics that are drawn in a plot whose lines are called otherwise. */
const ALSO: Record<string, string> = { latency_mean_ms: 'latency' };

/** A bound of a sum is drawn where a span is as long as the time that it is of. */
function boundsOf({ id, kind, lines }: Shape, thresholds: Threshold[], step: Grain): Bound[] {
  const drawn = new Set(lines.map(([, , metric]) => metric));
  const isComparable = ({ window_seconds }: Threshold) =>
    kind === 'line' || window_seconds * 1000 === STEPS[step];
  return thresholds
    .filter((one) => (drawn.has(one.metric) || ALSO[one.metric] === id) && isComparable(one))
    .map((one) => {
      const [line = ''] = lines.find(([, , metric]) => metric === one.metric) ?? [];
      return { name: `${line} ${boundText(one)}`.trim(), value: one.threshold };
    });
}

/** The plots of a model: its points put on all spans of the range, with its thresholds. */
export function plotsOf(
  { starts, step }: Spans,
  points: SeriesPoint[],
  thresholds: Threshold[],
): Plot[] {
  const byStart = new Map(points.map((point) => [Date.parse(point.at), point]));
  const inOrder = starts.map((start) => byStart.get(Date.parse(start)));
  return SHAPES.map((shape) => ({
    ...{ id: shape.id, title: shape.title, unit: shape.unit, starts },
    series: shape.lines.map(([name, value]) => ({
      name,
      kind: shape.kind,
      values: inOrder.map((point) => (point ? value(point) : null)),
    })),
    bounds: boundsOf(shape, thresholds, step),
  }));
}
