import type { Command } from 'commander';
import { wholeNumber } from '../../numbers.ts';
import { sqlTable } from '../../output/table.ts';
import { print, printJson } from '../../output/terminal.ts';
import { localTime, oneLine } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

const DEFAULT_LIMIT = 20;

export function addEvalHistory(group: Command): void {
  const command = addVerb(group, {
    usage: 'history',
    summary: 'evaluations of this project, newest first',
    examples: [['turnkeep eval history --limit 5', 'the last five']],
  });
  command.option('--limit <N>', `how many (default: ${DEFAULT_LIMIT})`, wholeNumber(1, 500));
  onRun<{ limit?: number }>(command, async (_args, cli, { limit = DEFAULT_LIMIT }) => {
    const { evaluations } = await cli.client.request('listEvaluations', { limit });
    if (cli.json) return printJson({ evaluations });
    if (evaluations.length === 0) return print('No evaluation was run in this project yet.');
    const rows = evaluations.map((run) => [
      run.job_id,
      localTime(run.started_at),
      run.is_baseline ? `${run.status}, baseline` : run.status,
      oneLine(run.script ?? run.config_file ?? '', 60),
      oneLine(metricsText(run.metrics), 80),
      run.comparison?.worse.join(', ') ?? '',
    ]);
    const columns = ['job', 'started', 'status', 'what', 'metrics', 'worse'];
    await print(sqlTable({ columns, rows, command: 'SELECT', row_count: rows.length }));
  });
}

function metricsText(metrics: Record<string, number>): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}
