import type { Command } from 'commander';
import { addVerb, onRun } from '../../verb.ts';
import { jobOf } from './job.ts';
import { tellRun } from './tell.ts';

export function addEvalResult(group: Command): void {
  const command = addVerb(group, {
    usage: 'result [JOB]',
    summary: 'the metrics of an evaluation that is over, and what became of each',
    details: 'Without JOB the last one of this project. Exit code 1 when it failed or got worse.',
    examples: [['turnkeep eval result --json', 'for a program']],
  });
  onRun(command, async ([given], cli) => {
    const job = await jobOf(cli, given);
    await tellRun(await cli.client.call('get_precision_eval_result', job), cli.json);
  });
}
