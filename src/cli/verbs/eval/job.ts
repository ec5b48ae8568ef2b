import { TurnkeepError } from '../../../contracts/errors.ts';
import type { Cli } from '../../cli.ts';

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The job that is named, else the last one of the project. @throws TurnkeepError `not_found`. */
export async function jobOf(cli: Cli, given: string | undefined): Promise<{ job_id: string }> {
  if (given !== undefined) {
    if (!ID.test(given)) throw new TurnkeepError('usage', 'JOB is the id of an evaluation.');
    return { job_id: given };
  }
  const { evaluations } = await cli.client.request('listEvaluations', { limit: 1 });
  const [last] = evaluations;
  if (last) return { job_id: last.job_id };
  throw new TurnkeepError('not_found', 'No evaluation was run in this project yet.');
}
