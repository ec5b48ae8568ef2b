import { z } from 'zod';
import { endpoint, nextCursor, pageFields, timeFields } from './endpoint.ts';
import * as performance from './modelPerformance.ts';
import { modelCallSchema, modelIdSchema } from './models.ts';
import { shortText } from './shortText.ts';

const tag = 'Models';
const modelParams = z.strictObject({ model_id: modelIdSchema.describe('Id, alias or name.') });
const ruleParams = z.strictObject({ rule_id: performance.ruleIdSchema });
const thresholdId = z.uuid();
const { thresholdSchema } = performance;
const originField = {
  origin: modelCallSchema.shape.origin.optional().describe('Of these calls alone.'),
};

/** These come before `/api/v1/models/{model_id}`: their second part is no id of a model. */
export const modelPerformanceEndpoints = {
  listModelPerformance: endpoint({
    ...{ method: 'GET', path: '/api/v1/models/performance', tag },
    summary: 'Every model that was called, with the figures of the last days',
    permission: 'models:read',
    query: z.strictObject({
      days: z.number().int().min(1).max(90).optional().describe('Days in UTC with today; 7.'),
    }),
    output: z.object({
      models: z.array(performance.performanceRowSchema),
      days: z.number().int(),
    }),
  }),
  listModelThresholds: endpoint({
    ...{ method: 'GET', path: '/api/v1/models/thresholds', tag },
    summary: 'Bounds that models are held to, and the measures that can have one',
    permission: 'models:read',
    query: z.strictObject({
      model: modelIdSchema.optional().describe('Those that hold for this model.'),
    }),
    output: z.object({
      thresholds: z.array(thresholdSchema),
      metrics: z.array(performance.metricSchema),
    }),
  }),
  setModelThreshold: endpoint({
    ...{ method: 'POST', path: '/api/v1/models/thresholds', tag },
    summary: 'Hold a model, or every model, to a bound',
    description:
      'One of a model, metric and direction: it takes the place of the one that is there.',
    permission: 'models:write',
    body: z.strictObject({
      model: modelIdSchema.optional().describe('Id, alias or name; without it every model.'),
      ...performance.setThresholdFields,
    }),
    output: thresholdSchema,
    alsoStatus: [201],
    use: ['idempotent'],
    examples: [
      {
        summary: 'Half a second at most',
        input: { model: 'gpt-4-v1', metric: 'latency_p95_ms', threshold: 500 },
      },
    ],
  }),
  deleteModelThreshold: endpoint({
    ...{ method: 'DELETE', path: '/api/v1/models/thresholds/{threshold_id}', tag },
    summary: 'Take a bound away',
    permission: 'models:write',
    params: z.strictObject({ threshold_id: thresholdId }),
    output: z.object({ deleted: z.boolean() }),
    use: ['idempotent'],
  }),
  listModelViolations: endpoint({
    ...{ method: 'GET', path: '/api/v1/models/violations', tag },
    summary: 'Every bound that is violated now',
    permission: 'models:read',
    output: z.object({ violations: z.array(performance.standingSchema), checked_at: z.string() }),
  }),
  listModelRecommendations: endpoint({
    ...{ method: 'GET', path: '/api/v1/models/recommendations', tag },
    summary: 'What the rules advise, with the figures that it comes from',
    description: 'A rule that fails is named in `failed`; the others are there all the same.',
    permission: 'models:read',
    query: z.strictObject({ model: modelIdSchema.optional().describe('Of this model alone.') }),
    output: z.object({
      recommendations: z.array(performance.recommendationSchema),
      failed: z.array(performance.failedRuleSchema),
    }),
  }),
  listModelRules: endpoint({
    ...{ method: 'GET', path: '/api/v1/models/rules', tag },
    summary: 'The rules, built in and your own',
    permission: 'models:read',
    output: z.object({ rules: z.array(performance.ruleSchema) }),
  }),
  setModelRule: endpoint({
    ...{ method: 'PUT', path: '/api/v1/models/rules/{rule_id}', tag },
    summary: 'Keep a rule of your own, or switch a rule off and on',
    description:
      'A rule that is built in takes `enabled` alone. A new one needs `title`, `advice` and `condition`.',
    permission: 'models:write',
    params: ruleParams,
    body: z.strictObject({
      title: shortText(200).optional(),
      advice: shortText(1000).optional(),
      condition: performance.conditionSchema.optional(),
      enabled: z.boolean().optional(),
    }),
    output: performance.ruleSchema,
    alsoStatus: [201],
    use: ['idempotent'],
    examples: [
      {
        summary: 'Slow and much used',
        input: {
          rule_id: 'slow_and_used',
          title: 'Slow and much used',
          advice: 'Try a smaller model.',
          condition: {
            all: [
              { metric: 'latency_p95_ms', op: '>', value: 20000 },
              { metric: 'calls', op: '>=', value: 50, window_seconds: 604800 },
            ],
          },
        },
      },
    ],
  }),
  deleteModelRule: endpoint({
    ...{ method: 'DELETE', path: '/api/v1/models/rules/{rule_id}', tag },
    summary: 'Take a rule of your own away',
    permission: 'models:write',
    params: ruleParams,
    output: z.object({ deleted: z.boolean() }),
    use: ['idempotent'],
  }),
  recordModelCalls: endpoint({
    ...{ method: 'POST', path: '/api/v1/models/calls', tag },
    summary: 'Record calls that were made elsewhere',
    description: 'They are counted within a few seconds. They hold figures, never text.',
    permission: 'models:write',
    body: z.strictObject({ calls: z.array(performance.givenCallSchema).min(1).max(2000) }),
    output: z.object({ accepted: z.number().int() }),
    use: ['idempotent'],
  }),
  getModelPerformance: endpoint({
    ...{ method: 'GET', path: '/api/v1/models/{model_id}/performance', tag },
    summary: 'How a model did: figures, trend, violations',
    permission: 'models:read',
    params: modelParams,
    query: z.strictObject({ ...timeFields, ...originField }),
    output: performance.performanceCardSchema,
    checks: ['timeRange'],
    examples: [{ summary: 'Of the last day', input: { model_id: 'gpt-4-v1' } }],
  }),
  updateModelPerformance: endpoint({
    ...{ method: 'POST', path: '/api/v1/models/{model_id}/performance', tag },
    summary: 'Set metrics that are not measured from calls, such as accuracy',
    description: 'Merged with those that are there; null takes one away. The history keeps both.',
    permission: 'models:write',
    params: modelParams,
    body: z.strictObject({
      metrics: z.record(performance.metricNameSchema, z.number().nullable()).refine((metrics) => {
        const count = Object.keys(metrics).length;
        return count > 0 && count <= 100;
      }, 'Give 1 to 100 metrics.'),
      reason: shortText(500).optional(),
    }),
    output: z.object({
      model_id: z.string(),
      performance_metrics: z.record(z.string(), z.number()),
      updated_at: z.string(),
    }),
    use: ['idempotent'],
    examples: [
      { summary: 'Measured anew', input: { model_id: 'gpt-4-v1', metrics: { accuracy: 0.96 } } },
    ],
  }),
  listModelPerformanceHistory: endpoint({
    ...{ method: 'GET', path: '/api/v1/models/{model_id}/performance/history', tag },
    summary: 'How the given metrics changed, last change first',
    permission: 'models:read',
    params: modelParams,
    query: z.strictObject(pageFields),
    output: z.object({
      changes: z.array(performance.metricsChangeSchema),
      next_cursor: nextCursor,
    }),
  }),
  getModelPerformanceSeries: endpoint({
    ...{ method: 'GET', path: '/api/v1/models/{model_id}/performance/series', tag },
    summary: 'The figures of a model over time, for a plot; oldest first',
    description:
      'Minutes are kept for two days and hours for 100 days; days stay. Times without a call have no point.',
    permission: 'models:read',
    params: modelParams,
    query: z.strictObject({
      ...timeFields,
      ...originField,
      step: performance.grainSchema.optional().describe('Without it, what fits the time.'),
    }),
    output: z.object({
      model_id: z.string(),
      since: z.string(),
      until: z.string(),
      step: performance.grainSchema,
      points: z.array(performance.seriesPointSchema),
      thresholds: z.array(thresholdSchema).describe('To draw beside it.'),
    }),
    checks: ['timeRange'],
  }),
  checkModelPerformance: endpoint({
    ...{ method: 'GET', path: '/api/v1/models/{model_id}/check', tag },
    summary: 'Whether a model keeps its bounds, and what has changed of late',
    permission: 'models:read',
    params: modelParams,
    output: performance.checkSchema,
  }),
  listModelCalls: endpoint({
    ...{ method: 'GET', path: '/api/v1/models/{model_id}/calls', tag },
    summary: 'The single calls of a model that are kept, last one first',
    permission: 'models:read',
    params: modelParams,
    query: z.strictObject({
      only_errors: z.boolean().optional(),
      ...pageFields,
    }),
    output: z.object({ calls: z.array(modelCallSchema), next_cursor: nextCursor }),
  }),
};
