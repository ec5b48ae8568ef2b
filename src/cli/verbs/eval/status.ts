import type { Command } from 'commander';
import { pairs, print, printJson } from '../../output/terminal.ts';
import { oneLine } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';
import { jobOf } from './job.ts';

export function addEvalStatus(group: Command): void {
  const command = addVerb(group, {
    usage: 'status [JOB]',
    summary: 'how far an evaluation is',
    details: 'Without JOB the last one of this project.',
    examples: [['turnkeep eval status', 'the last one']],
  });
  onRun(command, async ([given], cli) => {
    const status = await cli.client.call('get_precision_eval_status', await jobOf(cli, given));
    if (cli.json) return printJson(status);
    await print(
      pairs([
        ['job', status.job_id],
        ['status', status.status],
        ['seconds', String(status.elapsed_sec)],
        ['lines', String(status.lines)],
        ['last line', oneLine(status.last_line ?? '', 200)],
      ]),
    );
  });
}
