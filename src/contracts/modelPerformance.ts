import { z } from 'zod';
import { modelCallSchema, modelIdSchema, moneySchema } from './models.ts';
import { shortText } from './shortText.ts';

/* What is known of how well models work: figures, thresholds, drift, rules and recommendations. */

export const GRAINS = ['minute', 'hour', 'day'] as const;
export const grainSchema = z.enum(GRAINS);
export type Grain = z.infer<typeof grainSchema>;

/** Times in milliseconds; p50 and p95 to within 5 %, since they come from a histogram. */
export const timesSchema = z.object({
  samples: z.number().int(),
  mean: z.number(),
  p50: z.number(),
  p95: z.number(),
  max: z.number(),
});
export type Times = z.infer<typeof timesSchema>;

export const figuresSchema = z.object({
  calls: z.number().int(),
  errors: z.number().int(),
  error_rate: z.number().nullable().describe('0 to 1; null without a call.'),
  errors_by_kind: z.record(z.string(), z.number().int()),
  latency: timesSchema.nullable().describe('Of the calls that tell how long they took.'),
  first_token: timesSchema.nullable().describe('Until the first part of a streamed answer.'),
  input_tokens: z.number().int(),
  output_tokens: z.number().int(),
  input_tokens_p95: z.number().nullable().describe('Of a call.'),
  tokens_per_second: z.number().nullable().describe('Written, while a call ran.'),
  cost: moneySchema.nullable().describe('US dollars; null when no call has a price.'),
  priced_calls: z.number().int().describe('Calls that `cost` is of.'),
});
export type Figures = z.infer<typeof figuresSchema>;

export const trendSchema = z.enum(['better', 'worse', 'same']).nullable();

export const directionSchema = z.enum(['floor', 'ceiling']);
export type Direction = z.infer<typeof directionSchema>;

/** A measure that is made from calls; any other name is of `performance_metrics`. */
export const metricSchema = z.object({
  metric: z.string(),
  unit: z.string().describe('As OpenTelemetry writes it: `ms`, `1`, `{token}`, `USD`, …'),
  direction: directionSchema.describe('Of a threshold that does not say.'),
  description: z.string(),
});
export type Metric = z.infer<typeof metricSchema>;

export const metricNameSchema = shortText(100).regex(/^\P{Cc}+$/u, 'One line is expected.');

export const thresholdSchema = z.object({
  threshold_id: z.string(),
  model_id: z.string().nullable().describe('Null: every model.'),
  metric: z.string(),
  direction: directionSchema,
  threshold: z.number(),
  window_seconds: z.number().int().describe('Calls of so long count.'),
  min_samples: z.number().int().describe('Fewer calls say nothing.'),
  violated_since: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Threshold = z.infer<typeof thresholdSchema>;

/** How a model stands to one threshold. */
export const standingSchema = z.object({
  threshold_id: z.string(),
  model_id: z.string(),
  metric: z.string(),
  direction: directionSchema,
  threshold: z.number(),
  value: z.number().nullable().describe('Null when there is none.'),
  samples: z.number().int().nullable().describe('Null for a metric that was given.'),
  state: z.enum(['ok', 'violated', 'too_few_samples', 'no_value']),
  since: z.string().nullable().describe('Since when it is violated, as far as it was looked at.'),
});
export type Standing = z.infer<typeof standingSchema>;

/** A measure of the last day that is not what it was in the weeks before. */
export const driftSchema = z.object({
  metric: z.string(),
  baseline: z.number(),
  current: z.number(),
  change: z.number().describe('Relative: 0.5 is half as much again.'),
  is_worse: z.boolean(),
  baseline_samples: z.number().int(),
  samples: z.number().int(),
});
export type Drift = z.infer<typeof driftSchema>;

export const checkSchema = z.object({
  model_id: z.string(),
  checked_at: z.string(),
  is_performing_well: z.boolean().describe('No threshold is violated.'),
  violations: z.array(standingSchema),
  thresholds: z.array(standingSchema).describe('All that hold for it, violated or not.'),
  drift: z.array(driftSchema),
});
export type PerformanceCheck = z.infer<typeof checkSchema>;

export const performanceCardSchema = z.object({
  model_id: z.string(),
  model_name: z.string(),
  provider: z.string(),
  version: z.string(),
  is_active: z.boolean(),
  since: z.string(),
  until: z.string(),
  figures: figuresSchema,
  before: figuresSchema.describe('Of the same length of time before `since`.'),
  trend: trendSchema.describe('Of latency and errors, against `before`; null when too few calls.'),
  calls_by_origin: z.record(z.string(), z.number().int()),
  performance_metrics: z.record(z.string(), z.number()).describe('As they were given.'),
  is_performing_well: z.boolean(),
  violations: z.array(standingSchema),
});
export type PerformanceCard = z.infer<typeof performanceCardSchema>;

/** One line of the view of all models. */
export const performanceRowSchema = z.object({
  model_id: z.string(),
  calls: z.number().int(),
  errors: z.number().int(),
  latency_p50_ms: z.number().nullable(),
  latency_p95_ms: z.number().nullable(),
  first_token_p50_ms: z.number().nullable(),
  input_tokens: z.number().int(),
  output_tokens: z.number().int(),
  cost: moneySchema.nullable(),
  trend: trendSchema,
  latency_change: z.number().nullable().describe('Of p50, relative to as many days before.'),
  violations: z.number().int(),
  last_day: z.string().nullable().describe('Last day with a call, YYYY-MM-DD in UTC.'),
});
export type PerformanceRow = z.infer<typeof performanceRowSchema>;

/** A point of a plot: the calls from `at` until the next one. */
export const seriesPointSchema = z.object({
  at: z.string(),
  calls: z.number().int(),
  errors: z.number().int(),
  latency_p50_ms: z.number().nullable(),
  latency_p95_ms: z.number().nullable(),
  first_token_p50_ms: z.number().nullable(),
  first_token_p95_ms: z.number().nullable(),
  input_tokens: z.number().int(),
  output_tokens: z.number().int(),
  cost: moneySchema.nullable(),
});
export type SeriesPoint = z.infer<typeof seriesPointSchema>;

export const metricsChangeSchema = z.object({
  at: z.string(),
  before: z.record(z.string(), z.number().nullable()).describe('Null: it was not there.'),
  after: z.record(z.string(), z.number().nullable()),
  reason: z.string().nullable(),
});

/** A call that is recorded by whoever made it. */
export const givenCallSchema = z.strictObject({
  ...modelCallSchema.shape,
  call_id: shortText(100)
    .optional()
    .describe('The same id counts once, for as long as single calls are kept.'),
  model_id: modelIdSchema.describe('Id, alias or name.'),
  duration_ms: modelCallSchema.shape.duration_ms.optional(),
  first_token_ms: modelCallSchema.shape.first_token_ms.optional(),
  input_tokens: modelCallSchema.shape.input_tokens.optional(),
  output_tokens: modelCallSchema.shape.output_tokens.optional(),
  cost: modelCallSchema.shape.cost
    .optional()
    .describe("Without it the model's prices tell, where it has some."),
  error_kind: modelCallSchema.shape.error_kind.optional(),
});

const OPERATORS = ['>', '>=', '<', '<=', '==', '!='] as const;

const MOST_PARTS = 20;
const LONGEST_WINDOW = 366 * 86_400;
const windowSchema = z.number().int().min(60).max(LONGEST_WINDOW);

const comparisonSchema = z.strictObject({
  metric: metricNameSchema,
  op: z.enum(OPERATORS),
  value: z.number(),
  window_seconds: windowSchema.exactOptional().describe('A day when it is not given.'),
});

/** A condition, or several of them joined. */
function joined<S extends z.ZodType>(condition: S) {
  const parts = z.array(condition).min(1).max(MOST_PARTS);
  return z.union([
    condition,
    z.strictObject({ all: parts }),
    z.strictObject({ any: parts }),
    z.strictObject({ not: condition }),
  ]);
}

/** A condition of a rule: one comparison, or some joined by `all`, `any` and `not`, two deep. */
export const conditionSchema = joined(joined(comparisonSchema));
export type Condition = z.infer<typeof conditionSchema>;

export const ruleIdSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,63}$/, 'Small letters, digits and _ are expected, a letter first.');

export const ruleSchema = z.object({
  rule_id: z.string(),
  is_built_in: z.boolean(),
  title: z.string(),
  advice: z.string(),
  enabled: z.boolean(),
  condition: conditionSchema.nullable().describe('Null for a rule that is built in.'),
});
export type Rule = z.infer<typeof ruleSchema>;

export const recommendationSchema = z.object({
  rule_id: z.string(),
  model_id: z.string(),
  title: z.string(),
  advice: z.string(),
  evidence: z
    .record(z.string(), z.union([z.string(), z.number(), z.null()]))
    .describe('The figures that it comes from.'),
});
export type Recommendation = z.infer<typeof recommendationSchema>;

export const failedRuleSchema = z.object({
  rule_id: z.string(),
  model_id: z.string().nullable().describe('Null when it failed for every model.'),
  message: z.string(),
});
export type FailedRule = z.infer<typeof failedRuleSchema>;

export const setThresholdFields = {
  metric: metricNameSchema,
  threshold: z.number(),
  direction: directionSchema
    .optional()
    .describe('Known for the metrics that are listed and for common names.'),
  window_seconds: windowSchema.optional().describe('An hour when it is not given.'),
  min_samples: z.number().int().min(1).max(1_000_000).optional().describe('5 when not given.'),
};
