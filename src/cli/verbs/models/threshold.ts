import { type Command, Option } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import type { Direction } from '../../../contracts/modelPerformance.ts';
import type { Cli } from '../../cli.ts';
import { wholeNumber } from '../../numbers.ts';
import { boundOf, thresholdTable } from '../../output/modelFigures.ts';
import { print, printJson } from '../../output/terminal.ts';
import { harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

const LONGEST_MINUTES = 366 * 1440;

type Options = {
  all?: boolean;
  direction?: Direction;
  window?: number;
  calls?: number;
  remove?: string;
};

export function addModelsThreshold(models: Command): void {
  const command = addVerb(models, {
    usage: 'threshold [MODEL] [METRIC] [VALUE]',
    summary: 'hold a model, or every model, to a bound, or list the bounds',
    details:
      'METRIC is measured from calls (latency_p95_ms, error_rate, cost, …; `--json` lists them), or one that was given to the model (accuracy). Of most it is known whether more is worse; else say --direction.',
    examples: [
      ['turnkeep models threshold best latency_p95_ms 2000', 'two seconds at most'],
      ['turnkeep models threshold --all error_rate 0.05', 'no model may fail more often'],
      ['turnkeep models threshold gpt-4-v1 accuracy 0.9', 'a metric that was given'],
      ['turnkeep models threshold', 'those that there are'],
    ],
  });
  command
    .option('--all', 'for every model: METRIC and VALUE alone follow')
    .addOption(
      new Option('--direction <WHICH>', 'VALUE is the least or the most').choices([
        'floor',
        'ceiling',
      ]),
    )
    .option('--window <MINUTES>', 'calls of so long count (60)', wholeNumber(1, LONGEST_MINUTES))
    .option('--calls <N>', 'fewer calls say nothing (5)', wholeNumber(1, 1_000_000))
    .option('--remove <ID>', 'take a threshold away');
  onRun<Options>(command, async (args, cli, options) => {
    if (options.remove) return remove(cli, options.remove);
    const [model, metric, value] = options.all ? [undefined, ...args] : args;
    if (!metric) return list(cli, model);
    const threshold = Number(value?.trim() || Number.NaN);
    if (!Number.isFinite(threshold)) throw new TurnkeepError('usage', 'VALUE must be a number.');
    const { direction, window, calls } = options;
    const set = await cli.client.request('setModelThreshold', {
      ...{ metric, threshold, ...(model ? { model } : {}), ...(direction ? { direction } : {}) },
      ...(window ? { window_seconds: window * 60 } : {}),
      ...(calls ? { min_samples: calls } : {}),
    });
    if (cli.json) return printJson(set);
    await print(harmless(`${set.model_id ?? 'Every model'}: ${set.metric} ${boundOf(set)}.`));
  });
}

async function list(cli: Cli, model: string | undefined): Promise<void> {
  const listed = await cli.client.request('listModelThresholds', model ? { model } : {});
  if (cli.json) return printJson(listed);
  const { thresholds } = listed;
  await print(thresholds.length > 0 ? thresholdTable(thresholds) : 'There is no threshold yet.');
}

async function remove(cli: Cli, threshold_id: string): Promise<void> {
  const done = await cli.client.request('deleteModelThreshold', { threshold_id });
  if (cli.json) return printJson(done);
  await print(done.deleted ? 'It is gone.' : 'There was no such threshold.');
}
