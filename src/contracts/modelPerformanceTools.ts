import { z } from 'zod';
import { checkSchema, metricNameSchema } from './modelPerformance.ts';
import { modelIdSchema } from './models.ts';
import { shortText } from './shortText.ts';
import { tool } from './tool.ts';

const model = modelIdSchema.describe('Id, alias or name.');

/** What a model that asks gets to know of a model: less than the API tells. */
const shortFigures = z.object({
  calls: z.number(),
  error_rate: z.number().nullable(),
  latency_p50_ms: z.number().nullable(),
  latency_p95_ms: z.number().nullable(),
  first_token_p50_ms: z.number().nullable(),
  input_tokens: z.number(),
  output_tokens: z.number(),
  cost: z.string().nullable(),
});

export const modelPerformanceTools = {
  get_model_performance: tool({
    title: 'Model Performance',
    description:
      'How a model did in the last hours: calls, errors, times, tokens, cost in US dollars, and the metrics it was given.',
    input: z.object({
      model,
      hours: z.number().int().min(1).max(8784).optional().describe('24 when not given.'),
    }),
    output: z.object({
      model_id: z.string(),
      figures: shortFigures,
      performance_metrics: z.record(z.string(), z.number()),
      trend: z.enum(['better', 'worse', 'same']).nullable(),
    }),
    permission: 'models:read',
    audience: 'model',
    readOnly: true,
  }),
  check_model_performance: tool({
    title: 'Check Model Performance',
    description:
      'Whether a model keeps its thresholds: violations with value and since when, and drift from its own past.',
    input: z.object({ model }),
    output: z.object({
      model_id: z.string(),
      is_performing_well: z.boolean(),
      violations: z.array(
        z.object({
          metric: z.string(),
          direction: z.string(),
          threshold: z.number(),
          value: z.number().nullable(),
          since: z.string().nullable(),
        }),
      ),
      drift: z.array(checkSchema.shape.drift.element.pick({ metric: true, change: true })),
    }),
    permission: 'models:read',
    audience: 'model',
    readOnly: true,
  }),
  update_model_performance: tool({
    title: 'Update Model Performance',
    description: 'Merges metrics into those of a model, and keeps the history.',
    input: z.object({
      model,
      metrics: z.record(metricNameSchema, z.number().nullable()),
      reason: shortText(500).optional(),
    }),
    output: z.object({
      model_id: z.string(),
      performance_metrics: z.record(z.string(), z.number()),
      updated_at: z.string(),
    }),
    permission: 'models:write',
    audience: 'app',
    readOnly: false,
  }),
};
