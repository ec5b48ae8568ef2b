import { z } from 'zod';
import { type ToolContract, tool } from './tool.ts';

/** Seconds that an evaluation may take, and without `timeout_sec`. */
export const MAX_EVALUATION_SECONDS = 21_600;
export const DEFAULT_EVALUATION_SECONDS = 600;

export const evaluationStatusSchema = z.enum([
  'running',
  'succeeded',
  'failed',
  'timed_out',
  'cancelled',
  /** The server ended while it ran. */
  'interrupted',
]);
export type EvaluationStatus = z.infer<typeof evaluationStatusSchema>;

export const metricsSchema = z.record(z.string(), z.number());
export type Metrics = z.infer<typeof metricsSchema>;

/** What became of each metric since the baseline; `worse` names those to look at. */
export const comparisonSchema = z.object({
  baseline_job_id: z.string(),
  worse: z.array(z.string()),
  better: z.array(z.string()),
  missing: z.array(z.string()).describe('Only the baseline has them.'),
  changes: z.record(z.string(), z.number()).describe('Value less that of the baseline.'),
});
export type Comparison = z.infer<typeof comparisonSchema>;

const jobId = z.uuid();
const path = z.string().min(1).max(4096);

export const evaluationRunSchema = z.object({
  job_id: z.string(),
  status: evaluationStatusSchema,
  kind: z.enum(['script', 'retrieval']),
  script: z.string().nullable(),
  config_file: z.string().nullable(),
  started_at: z.string(),
  finished_at: z.string().nullable(),
  timeout_sec: z.number().int(),
  exit_code: z.number().int().nullable(),
  error: z.string().nullable(),
  metrics: metricsSchema,
  comparison: comparisonSchema.nullable(),
  is_baseline: z.boolean(),
  output: z.string().describe('Its end, without secrets.'),
});
export type EvaluationRun = z.infer<typeof evaluationRunSchema>;

export const runEvaluationInput = z.object({
  script: path
    .optional()
    .describe('Program in the project (.mjs .js .cjs .py .sh, or executable).'),
  config_file: path
    .optional()
    .describe(
      'With a script its env file; alone a JSONL of {question, expected: [ids], project?}.',
    ),
  timeout_sec: z.number().int().min(1).max(MAX_EVALUATION_SECONDS).optional(),
  async: z.boolean().optional().describe('Answer at once; ask by job_id later.'),
});
export const evaluationJobInput = z.object({ job_id: jobId });
export const evaluationStatusOutput = z.object({
  job_id: z.string(),
  status: evaluationStatusSchema,
  elapsed_sec: z.number(),
  lines: z.number().int().describe('Printed so far.'),
  last_line: z.string().nullable(),
  metrics: metricsSchema,
});
export const cancelEvaluationOutput = z.object({
  job_id: z.string(),
  status: evaluationStatusSchema,
});

export const evaluationTools = {
  run_precision_eval: tool({
    title: 'Run Precision Evaluation',
    description:
      'Runs an evaluation script of the project (trusted folders alone), or without one measures how well stored turns are found. Gives the metrics that it prints and which got worse than the baseline.',
    input: runEvaluationInput,
    output: evaluationRunSchema,
    permission: 'evaluations:run',
    audience: 'model',
    readOnly: false,
  }),
  get_precision_eval_status: tool({
    title: 'Evaluation Status',
    description: 'How far an evaluation is.',
    input: evaluationJobInput,
    output: evaluationStatusOutput,
    permission: 'evaluations:read',
    audience: 'model',
    readOnly: true,
  }),
  get_precision_eval_result: tool({
    title: 'Evaluation Result',
    description: 'The result of an evaluation that is over, as run_precision_eval gives it.',
    input: evaluationJobInput,
    output: evaluationRunSchema,
    permission: 'evaluations:read',
    audience: 'model',
    readOnly: true,
  }),
  cancel_precision_eval: tool({
    title: 'Cancel Evaluation',
    description: 'Ends an evaluation and every process that it has started.',
    input: evaluationJobInput,
    output: cancelEvaluationOutput,
    permission: 'evaluations:run',
    audience: 'model',
    readOnly: false,
  }),
} satisfies Record<string, ToolContract>;
