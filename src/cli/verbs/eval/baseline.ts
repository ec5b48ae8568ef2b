import type { Command } from 'commander';
import { print, printJson } from '../../output/terminal.ts';
import { addVerb, onRun } from '../../verb.ts';
import { jobOf } from './job.ts';

export function addEvalBaseline(group: Command): void {
  const command = addVerb(group, {
    usage: 'baseline [JOB]',
    summary: 'compare later evaluations with this one, not with the last good one',
    details:
      'Holds for the same script and configuration. Without JOB the last one of this project.',
    examples: [['turnkeep eval baseline', 'the last one']],
  });
  command.option('--remove', 'compare with the last good one again');
  onRun<{ remove?: boolean }>(command, async ([given], cli, { remove }) => {
    const job = await jobOf(cli, given);
    const input = { ...job, is_baseline: !remove };
    const run = await cli.client.request('setEvaluationBaseline', input);
    if (cli.json) return printJson(run);
    await print(`Later evaluations are compared with ${remove ? 'the last good one' : run.job_id}`);
  });
}
