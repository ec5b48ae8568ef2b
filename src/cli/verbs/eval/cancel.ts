import type { Command } from 'commander';
import { print, printJson } from '../../output/terminal.ts';
import { addVerb, onRun } from '../../verb.ts';
import { jobOf } from './job.ts';

export function addEvalCancel(group: Command): void {
  const command = addVerb(group, {
    usage: 'cancel [JOB]',
    summary: 'end an evaluation and every process that it has started',
    details: 'Without JOB the last one of this project.',
    examples: [['turnkeep eval cancel', 'the last one']],
  });
  onRun(command, async ([given], cli) => {
    const done = await cli.client.call('cancel_precision_eval', await jobOf(cli, given));
    if (cli.json) return printJson(done);
    await print(`Evaluation ${done.job_id}: ${done.status}`);
  });
}
