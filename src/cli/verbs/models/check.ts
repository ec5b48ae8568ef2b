import type { Command } from 'commander';
import type { Drift } from '../../../contracts/modelPerformance.ts';
import { keptLine, standingTable } from '../../output/modelFigures.ts';
import { print, printJson } from '../../output/terminal.ts';
import { harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

export function addModelsCheck(models: Command): void {
  const command = addVerb(models, {
    usage: 'check [MODEL]',
    summary: 'whether a model, or every one, keeps its thresholds',
    details: 'The exit code is 1 when one is violated.',
    examples: [
      ['turnkeep models check best', 'its thresholds, and what has changed of late'],
      ['turnkeep models check', 'every threshold that is violated'],
    ],
  });
  onRun(command, async ([given], cli) => {
    if (!given) {
      const { violations, ...rest } = await cli.client.request('listModelViolations', {});
      if (violations.length > 0) process.exitCode = 1;
      if (cli.json) return printJson({ violations, ...rest });
      return print(violations.length > 0 ? standingTable(violations) : 'No threshold is violated.');
    }
    const check = await cli.client.request('checkModelPerformance', { model_id: given });
    if (!check.is_performing_well) process.exitCode = 1;
    if (cli.json) return printJson(check);
    const { thresholds } = check;
    await print(
      thresholds.length > 0
        ? `${standingTable(thresholds)}\n${keptLine(thresholds)}`
        : 'It has no threshold. Set one: turnkeep models threshold MODEL latency_p95_ms 2000',
    );
    for (const drift of check.drift) await print(harmless(driftLine(drift)));
  });
}

function driftLine({ metric, baseline, current, is_worse }: Drift): string {
  const how = is_worse ? 'worse' : 'better';
  return `${metric} of the last day is ${current}, ${how} than the ${baseline} of four weeks.`;
}
