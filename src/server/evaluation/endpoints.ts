import type { evaluationEndpoints } from '../../contracts/evaluationEndpoints.ts';
import type { Database } from '../database/database.ts';
import type { EndpointHandlers } from '../platform/http/endpoint.ts';
import { DEFAULT_PROJECT, findKnownProject, findProject } from '../projects/service.ts';
import type { Evaluations } from './service.ts';

/** The endpoints of `/api/v1/evaluations`. */
export function evaluationHandlers(
  database: Database,
  evaluations: Evaluations,
): Pick<EndpointHandlers, keyof typeof evaluationEndpoints> {
  return {
    async listEvaluations({ project, script, limit, cursor }, call) {
      const known =
        project === undefined
          ? await findKnownProject(database, call.context.project ?? DEFAULT_PROJECT)
          : await findProject(database, project);
      if (!known) return { evaluations: [], next_cursor: null };
      return evaluations.list(known.project_id, { script, limit, cursor });
    },
    async startEvaluation(input, call) {
      const { id } = await evaluations.start(input, call.context);
      call.answerWith(201);
      return evaluations.get(id);
    },
    getEvaluation: ({ job_id }) => evaluations.get(job_id),
    cancelEvaluation: ({ job_id }) => evaluations.cancel(job_id),
    setEvaluationBaseline: ({ job_id, is_baseline }) =>
      evaluations.nameBaseline(job_id, is_baseline),
  };
}
