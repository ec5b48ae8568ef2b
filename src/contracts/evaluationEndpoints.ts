import { z } from 'zod';
import { endpoint, nextCursor, pageFields } from './endpoint.ts';
import {
  cancelEvaluationOutput,
  evaluationRunSchema,
  runEvaluationInput,
} from './evaluationTools.ts';
import { shortText } from './shortText.ts';

const tag = 'Evaluations';
const jobParams = z.strictObject({ job_id: z.uuid() });
const { script, config_file, timeout_sec } = runEvaluationInput.shape;

export const evaluationEndpoints = {
  listEvaluations: endpoint({
    ...{ method: 'GET', path: '/api/v1/evaluations', tag },
    summary: 'Evaluations of a project, newest first',
    permission: 'evaluations:read',
    query: z.strictObject({
      project: shortText(1024)
        .optional()
        .describe("Id, key or name; without it, the caller's project."),
      script: z.string().min(1).max(4096).optional().describe('Of this script alone.'),
      ...pageFields,
    }),
    output: z.object({ evaluations: z.array(evaluationRunSchema), next_cursor: nextCursor }),
  }),
  startEvaluation: endpoint({
    ...{ method: 'POST', path: '/api/v1/evaluations', tag },
    summary: 'Begin an evaluation; its state can be asked for by its id',
    permission: 'evaluations:run',
    body: z.strictObject({ script, config_file, timeout_sec }),
    output: evaluationRunSchema,
    alsoStatus: [201],
    use: ['idempotent'],
  }),
  getEvaluation: endpoint({
    ...{ method: 'GET', path: '/api/v1/evaluations/{job_id}', tag },
    summary: 'One evaluation, running or over',
    permission: 'evaluations:read',
    params: jobParams,
    output: evaluationRunSchema,
    use: ['etag'],
  }),
  cancelEvaluation: endpoint({
    ...{ method: 'DELETE', path: '/api/v1/evaluations/{job_id}', tag },
    summary: 'End an evaluation and what it has started; it stays in the history',
    permission: 'evaluations:run',
    params: jobParams,
    output: cancelEvaluationOutput,
    use: ['idempotent'],
  }),
  setEvaluationBaseline: endpoint({
    ...{ method: 'PATCH', path: '/api/v1/evaluations/{job_id}', tag },
    summary:
      'Compare later evaluations of the same script and configuration with this one, or no more',
    permission: 'evaluations:run',
    params: jobParams,
    body: z.strictObject({ is_baseline: z.boolean() }),
    output: evaluationRunSchema,
    use: ['idempotent'],
  }),
};
