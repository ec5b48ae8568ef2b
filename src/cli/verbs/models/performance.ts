import type { Command } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import type { Cli } from '../../cli.ts';
import { moment } from '../../dates.ts';
import { wholeNumber } from '../../numbers.ts';
import { cardLines, overviewTable, standingTable } from '../../output/modelFigures.ts';
import { print, printJson } from '../../output/terminal.ts';
import { harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

type Options = {
  days?: number;
  since?: string;
  until?: string;
  set?: string[];
  reason?: string;
};

export function addModelsPerformance(models: Command): void {
  const command = addVerb(models, {
    usage: 'performance [MODEL]',
    summary: 'calls, errors, times, tokens and cost, of a model or of all',
    details:
      'Times are p50 and p95: half and 95 % of the calls took no longer. Captured turns count as calls, with the time of the whole turn.',
    examples: [
      ['turnkeep models performance', 'every model, the last 7 days'],
      ['turnkeep models performance best --since 2w', 'one model, the last two weeks'],
      ['turnkeep models performance gpt-4-v1 --set accuracy=0.96', 'a metric that was measured'],
    ],
  });
  command
    .option('--days <N>', 'of all models: so many days with today', wholeNumber(1, 90))
    .option('--since <TIME>', 'of one model: from then on (default: a day ago)', (text) =>
      moment(text),
    )
    .option('--until <TIME>', 'of one model: before then', (text) => moment(text, { end: true }))
    .option('--set <NAME=VALUE...>', 'set metrics of the model; "NAME=" takes one away')
    .option('--reason <TEXT>', 'kept in the history with --set');
  onRun<Options>(command, async ([given], cli, options) => {
    if (!given) return all(cli, options);
    if (options.set) return setMetrics(cli, given, options.set, options.reason);
    const { since, until } = options;
    const card = await cli.client.request('getModelPerformance', {
      ...{ model_id: given, ...(since ? { since } : {}), ...(until ? { until } : {}) },
    });
    if (cli.json) return printJson(card);
    await print(cardLines(card));
    if (card.violations.length > 0) await print(`\n${standingTable(card.violations)}`);
  });
}

async function all(cli: Cli, { days, since, until, set }: Options): Promise<void> {
  if (since || until || set) {
    throw new TurnkeepError('usage', 'MODEL is missing: --since, --until and --set are of one.');
  }
  const listed = await cli.client.request('listModelPerformance', days ? { days } : {});
  if (cli.json) return printJson(listed);
  if (listed.models.length === 0) {
    return print('No model was called in this time. Calls and captured turns bring their figures.');
  }
  await print(overviewTable(listed.models));
}

async function setMetrics(cli: Cli, model_id: string, set: string[], reason?: string) {
  const metrics = Object.fromEntries(set.map(metricOf));
  const done = await cli.client.request('updateModelPerformance', {
    ...{ model_id, metrics, ...(reason ? { reason } : {}) },
  });
  if (cli.json) return printJson(done);
  const now = Object.entries(done.performance_metrics).map(([name, value]) => `${name} ${value}`);
  await print(harmless(`${done.model_id}: ${now.join(', ') || 'no metrics'}.`));
}

function metricOf(text: string): [string, number | null] {
  const at = text.lastIndexOf('=');
  const name = text.slice(0, at).trim();
  const value = text.slice(at + 1).trim();
  if (at > 0 && name !== '' && value === '') return [name, null];
  if (at > 0 && name !== '' && Number.isFinite(Number(value))) return [name, Number(value)];
  throw new TurnkeepError('usage', `"${text}" is no metric: NAME=VALUE with a number is expected.`);
}
