import type {
  PerformanceCard,
  PerformanceCheck,
  Recommendation,
  SeriesPoint,
  Threshold,
} from '../../../contracts/modelPerformance.ts';
import type { Model } from '../../../contracts/models.ts';
import { dollars, milliseconds, percent, perMillion, whole } from '../../models/amounts.ts';
import { providerName } from '../../models/rows.ts';
import { metricName, metricValue, standingText } from '../../models/standingText.ts';
import { count, localTime, oneLine } from '../plainText.ts';
import type { DetailsPage, Fact, Notice, Range } from './message.ts';
import { plotsOf, type Spans } from './plots.ts';

/** What the server says of a model, as the page is made of it. */
export type DetailsInput = {
  model: Model;
  card: PerformanceCard;
  check: PerformanceCheck;
  recommendations: Recommendation[];
  points: SeriesPoint[];
  thresholds: Threshold[];
  range: Range;
  spans: Spans;
};

/** The details page of a model. */
export function detailsPage(input: DetailsInput): DetailsPage {
  const { model, range, spans, points, thresholds } = input;
  return {
    model_id: model.model_id,
    title: oneLine(model.model_name, 200),
    subtitle: subtitleOf(model),
    isActive: model.is_active,
    range,
    facts: [...callFacts(input.card), ...modelFacts(model)],
    notices: noticesOf(input),
    plots: plotsOf(spans, points, thresholds),
  };
}

function subtitleOf(model: Model): string {
  const { provider, version, aliases, is_active } = model;
  return [
    providerName(provider),
    `version ${oneLine(version, 60)}`,
    ...aliases.map((alias) => `alias ${alias}`),
    is_active ? 'active' : 'inactive',
  ].join(' · ');
}

function noticesOf({ model, check, recommendations }: DetailsInput): Notice[] {
  const { deprecated_on } = model.metadata;
  return [
    ...check.violations.map((one): Notice => ({ level: 'error', text: standingText(one) })),
    ...check.drift.map(
      ({ metric, baseline, current, change, is_worse }): Notice => ({
        level: is_worse ? 'warning' : 'info',
        text: `${metricName(metric)} was ${metricValue(metric, baseline)} in the weeks before and is ${metricValue(metric, current)} in the last day (${change > 0 ? '+' : ''}${percent(change)})`,
      }),
    ),
    ...(deprecated_on
      ? [{ level: 'warning', text: `Its provider takes it away on ${deprecated_on}` } as const]
      : []),
    ...recommendations.map(
      ({ title, advice }): Notice => ({
        level: 'info',
        text: `${oneLine(title, 200)}: ${oneLine(advice, 1000)}`,
      }),
    ),
  ];
}

function callFacts({ figures, performance_metrics }: PerformanceCard): Fact[] {
  const { latency, first_token, tokens_per_second } = figures;
  const facts: [string, string | undefined][] = [
    ['Calls', whole(figures.calls)],
    ['Errors', `${whole(figures.errors)} (${percent(figures.error_rate)})`],
    ['Latency p50', latency ? milliseconds(latency.p50) : undefined],
    ['Latency p95', latency ? milliseconds(latency.p95) : undefined],
    ['First token p50', first_token ? milliseconds(first_token.p50) : undefined],
    ['Tokens', `${whole(figures.input_tokens)} in, ${whole(figures.output_tokens)} out`],
    ['Speed', tokens_per_second ? `${whole(tokens_per_second)} tokens a second` : undefined],
    ['Cost', figures.cost === null ? undefined : dollars(figures.cost)],
    ...Object.entries(performance_metrics).map(([metric, value]): [string, string] => [
      metricName(metric),
      metricValue(metric, value),
    ]),
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}

function modelFacts(model: Model): Fact[] {
  const { metadata } = model;
  const tokens = (value: number | undefined) => value && count(value, 'token');
  const price = (value: string | undefined) => value && perMillion(value);
  const facts: [string, string | number | null | undefined][] = [
    ['Type', model.model_type],
    ['Context window', tokens(metadata.context_window)],
    ['Longest answer', tokens(metadata.max_output_tokens)],
    ['Price of input', price(metadata.prices?.input)],
    ['Price of output', price(metadata.prices?.output)],
    ['Called at', model.connection_id],
    ['Replaces', model.replaces],
    ['Replaced by', model.replaced_by.join(', ')],
    ['Tags', model.tags.join(', ')],
    ['Known since', localTime(model.created_at)],
  ];
  return facts.flatMap(([name, value]) =>
    value ? [{ name, value: oneLine(`${value}`, 200) }] : [],
  );
}
