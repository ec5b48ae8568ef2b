import { z } from 'zod';
import { metricNameSchema } from './modelPerformance.ts';
import { shortText } from './shortText.ts';
import { tool } from './tool.ts';

const model = z.string().max(300).describe('Id, alias or name.');

/** Each as one line: a model that asks reads it, and the schema of the list is short. */
const lines = z.array(z.string());

export const modelPerformanceTools = {
  get_model_performance: tool({
    title: 'Model Performance',
    description:
      'How a model did of late: calls, errors, times, tokens, cost in US dollars, trend, given metrics.',
    input: z.object({
      model,
      hours: z.number().min(1).max(8784).optional().describe('24 when not given.'),
    }),
    output: z.object({
      model_id: z.string(),
      figures: z.record(z.string(), z.union([z.number(), z.string(), z.null()])),
    }),
    permission: 'models:read',
    audience: 'model',
    readOnly: true,
  }),
  check_model_performance: tool({
    title: 'Check Model Performance',
    description: 'Whether a model keeps its thresholds, and whether it drifted from its own past.',
    input: z.object({ model }),
    output: z.object({
      model_id: z.string(),
      is_performing_well: z.boolean(),
      violations: lines,
      drift: lines,
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
