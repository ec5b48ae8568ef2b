import type { Direction, Figures, Metric } from '../../../contracts/modelPerformance.ts';

type Measured = Omit<Metric, 'metric'> & {
  value: (figures: Figures) => number | null;
  /** How many calls the value is of. */
  samples: (figures: Figures) => number;
};

const calls = (figures: Figures) => figures.calls;
const latency = (figures: Figures) => figures.latency?.samples ?? 0;
const firstToken = (figures: Figures) => figures.first_token?.samples ?? 0;
const priced = (figures: Figures) => figures.priced_calls;
const money = (figures: Figures) => (figures.cost === null ? null : Number(figures.cost));

/** What is measured from calls, by the name that thresholds and rules have for it. */
const measured: Record<string, Measured> = {
  latency_p50_ms: {
    ...{ unit: 'ms', direction: 'ceiling', description: 'Half of the calls took no longer.' },
    value: ({ latency: times }) => times?.p50 ?? null,
    samples: latency,
  },
  latency_p95_ms: {
    ...{ unit: 'ms', direction: 'ceiling', description: '95 % of the calls took no longer.' },
    value: ({ latency: times }) => times?.p95 ?? null,
    samples: latency,
  },
  latency_mean_ms: {
    ...{ unit: 'ms', direction: 'ceiling', description: 'Mean duration of a call.' },
    value: ({ latency: times }) => times?.mean ?? null,
    samples: latency,
  },
  first_token_p50_ms: {
    ...{ unit: 'ms', direction: 'ceiling', description: 'Half of the answers began by then.' },
    value: ({ first_token: times }) => times?.p50 ?? null,
    samples: firstToken,
  },
  first_token_p95_ms: {
    ...{ unit: 'ms', direction: 'ceiling', description: '95 % of the answers began by then.' },
    value: ({ first_token: times }) => times?.p95 ?? null,
    samples: firstToken,
  },
  error_rate: {
    ...{ unit: '1', direction: 'ceiling', description: 'Share of the calls that failed, 0 to 1.' },
    value: (figures) => figures.error_rate,
    samples: calls,
  },
  errors: {
    ...{ unit: '{call}', direction: 'ceiling', description: 'Calls that failed.' },
    value: (figures) => figures.errors,
    samples: calls,
  },
  calls: {
    ...{ unit: '{call}', direction: 'ceiling', description: 'Calls.' },
    value: (figures) => figures.calls,
    samples: calls,
  },
  cost: {
    ...{ unit: 'USD', direction: 'ceiling', description: 'What the calls cost together.' },
    value: money,
    samples: priced,
  },
  cost_per_call: {
    ...{ unit: 'USD', direction: 'ceiling', description: 'What a call costs in the mean.' },
    value: (figures) => {
      const cost = money(figures);
      return cost === null ? null : cost / figures.priced_calls;
    },
    samples: priced,
  },
  input_tokens: {
    ...{ unit: '{token}', direction: 'ceiling', description: 'Tokens of all prompts.' },
    value: (figures) => figures.input_tokens,
    samples: calls,
  },
  input_tokens_p95: {
    ...{ unit: '{token}', direction: 'ceiling', description: '95 % of the prompts had no more.' },
    value: (figures) => figures.input_tokens_p95,
    samples: calls,
  },
  output_tokens: {
    ...{ unit: '{token}', direction: 'ceiling', description: 'Tokens of all answers.' },
    value: (figures) => figures.output_tokens,
    samples: calls,
  },
  tokens_per_second: {
    ...{ unit: '{token}/s', direction: 'floor', description: 'Tokens written while a call ran.' },
    value: (figures) => figures.tokens_per_second,
    samples: latency,
  },
};

/** The measures, as a list tells of them. */
export const METRICS: Metric[] = Object.entries(measured).map(
  ([metric, { unit, direction, description }]) => ({ metric, unit, direction, description }),
);

export function isMeasured(metric: string): boolean {
  return Object.hasOwn(measured, metric);
}

/** A measure that is made from calls, with the number of calls that it is of. */
export function measuredValue(
  metric: string,
  figures: Figures,
): { value: number | null; samples: number } {
  const found = Object.hasOwn(measured, metric) ? measured[metric] : undefined;
  return found
    ? { value: found.value(figures), samples: found.samples(figures) }
    : { value: null, samples: 0 };
}

/** Names of metrics that people give, where more is worse. */
const CEILINGS =
  /latency|duration|(^|_|run)time|delay|(^|_)ms$|error|fail|loss|cost|price|perplexity|toxicity|hallucination|(^|_)(mae|mse|rmse|wer|cer)($|_)/i;
/** And where less is. */
const FLOORS =
  /accuracy|precision|recall|(^|_)f1|score|auc|bleu|rouge|meteor|ndcg|mrr|map($|_)|pass|success|win|quality|throughput|per_second|rate$|similarity|coverage|availability|uptime/i;

/** The direction of a threshold for a metric; null when nothing tells it. */
export function directionOf(metric: string): Direction | null {
  const found = Object.hasOwn(measured, metric) ? measured[metric] : undefined;
  if (found) return found.direction;
  if (CEILINGS.test(metric)) return 'ceiling';
  return FLOORS.test(metric) ? 'floor' : null;
}
