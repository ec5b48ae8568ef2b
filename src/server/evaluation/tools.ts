import { TurnkeepError } from '../../contracts/errors.ts';
import type { evaluationTools as contracts } from '../../contracts/evaluationTools.ts';
import type { Handlers } from '../platform/tool.ts';
import type { Evaluations } from './service.ts';

/** The tools about evaluations. */
export function evaluationTools(evaluations: Evaluations): Pick<Handlers, keyof typeof contracts> {
  return {
    async run_precision_eval(input, call) {
      const job = await evaluations.start(input, call.context);
      if (input.async) return evaluations.get(job.id);
      job.onProgress = call.progress;
      // Whoever waits for it and leaves wants it no more.
      const cancel = () => job.stop('cancelled');
      if (call.signal?.aborted) cancel();
      call.signal?.addEventListener('abort', cancel, { once: true });
      await job.done;
      call.signal?.removeEventListener('abort', cancel);
      return evaluations.get(job.id);
    },
    get_precision_eval_status: ({ job_id }) => evaluations.status(job_id),
    async get_precision_eval_result({ job_id }) {
      const run = await evaluations.get(job_id);
      if (run.status !== 'running') return run;
      throw new TurnkeepError(
        'conflict',
        'The evaluation is still running: ask for its status until it is over, or cancel it.',
      );
    },
    cancel_precision_eval: ({ job_id }) => evaluations.cancel(job_id),
  };
}
