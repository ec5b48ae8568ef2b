import { setTimeout as sleep } from 'node:timers/promises';
import type { EvaluationRun } from '../contracts/evaluationTools.ts';
import type { ToolInput } from '../contracts/tools.ts';
import type { RestClient } from './restClient.ts';

/** How often the server is asked; the first time soon, as some evaluations are short. */
const FIRST_MS = 50;
const EVERY_MS = 500;

/**
 * Begins an evaluation and gives its result when it is over; the last line of its output is told
 * whenever it changes. The signal cancels it, and its result says so.
 * Throws `TurnkeepError`: the server's, or `server_unreachable`.
 */
export async function followEvaluation(
  client: RestClient,
  input: ToolInput<'run_precision_eval'>,
  { signal, tell }: { signal: AbortSignal; tell: ((line: string) => void) | undefined },
): Promise<EvaluationRun> {
  const { job_id } = await client.call('run_precision_eval', { ...input, async: true });
  const job = { job_id };
  let told: string | null = null;
  for (let wait = FIRST_MS; ; wait = Math.min(EVERY_MS, wait * 2)) {
    await sleep(wait, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) {
      await client.call('cancel_precision_eval', job);
      return client.call('get_precision_eval_result', job);
    }
    const { status, last_line } = await client.call('get_precision_eval_status', job);
    if (last_line !== null && last_line !== told) tell?.(last_line);
    told = last_line;
    if (status !== 'running') return client.call('get_precision_eval_result', job);
  }
}
