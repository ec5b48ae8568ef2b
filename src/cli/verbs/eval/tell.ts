import type { EvaluationRun } from '../../../contracts/evaluationTools.ts';
import { PartialFailure } from '../../failure.ts';
import { sqlTable } from '../../output/table.ts';
import { notice, print, printJson } from '../../output/terminal.ts';
import { harmless, oneLine } from '../../output/text.ts';

const NO_METRICS = 'It printed no metric: lines "name: value", or of JSON, are read as metrics.';

/** Shows how a run ended. @throws when it failed or a metric got worse, for the exit code. */
export async function tellRun(run: EvaluationRun, json: boolean): Promise<void> {
  const { status, metrics, comparison, error } = run;
  if (json) await printJson(run);
  else {
    const rows = Object.entries(metrics).map(([name, value]) => {
      const change = comparison?.changes[name];
      const verdict = comparison?.worse.includes(name)
        ? 'worse'
        : comparison?.better.includes(name)
          ? 'better'
          : '';
      const told = change === undefined ? '' : `${change > 0 ? '+' : ''}${change}`;
      return [oneLine(name, 100), String(value), told, verdict];
    });
    for (const name of comparison?.missing ?? [])
      rows.push([oneLine(name, 100), '', '', 'missing']);
    const columns = ['metric', 'value', 'change', 'verdict'];
    await print(sqlTable({ columns, rows, command: 'SELECT', row_count: rows.length }));
    await notice(`Evaluation ${run.job_id}: ${status}`);
    if (status === 'succeeded' && Object.keys(metrics).length === 0) await notice(NO_METRICS);
    if (status !== 'succeeded' && run.output !== '') await notice(harmless(run.output.trimEnd()));
  }
  if (status === 'running' || status === 'cancelled') return;
  if (status !== 'succeeded') throw new PartialFailure(error ?? 'The evaluation failed.', []);
  const worse = comparison?.worse ?? [];
  if (worse.length === 0) return;
  const fields = worse.map((path) => ({ path, message: 'Worse.' }));
  throw new PartialFailure(`Worse than the baseline: ${worse.join(', ')}.`, fields);
}
