import type { Command } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { pairs, print, printJson } from '../../output/terminal.ts';
import { harmless, oneLine } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

export function addModelsTest(models: Command): void {
  const command = addVerb(models, {
    usage: 'test [MODEL]',
    summary: 'look whether a model answers, with a real call of a few tokens',
    details: 'Without a MODEL: how the connections were when they were last looked at.',
    examples: [['turnkeep models test fast', 'its connection, its key, and a call']],
  });
  onRun(command, async ([model], cli) => {
    if (!model) {
      const health = await cli.client.request('getModelHealth', {});
      if (cli.json) return printJson(health);
      const rows = health.connections.map((one): [string, string] => [
        one.connection_id,
        one.error ?? (one.live === null ? 'not looked at yet' : one.ready ? 'well' : 'not ready'),
      ]);
      return print(rows.length === 0 ? 'No provider is connected.' : harmless(pairs(rows)));
    }
    const test = await cli.client.request('testModel', { model_id: model });
    if (cli.json) await printJson(test);
    else await print(harmless(pairs(rowsOf(test))));
    if (!test.ok) throw new TurnkeepError('model_failed', test.error?.message ?? 'It failed.');
  });
}

type Test = { model_id: string; live: boolean; ready: boolean; text: string | null } & {
  error: { code: string } | null;
  duration_ms: number | null;
  first_token_ms: number | null;
};

function rowsOf(test: Test): [string, string][] {
  const yes = (value: boolean) => (value ? 'yes' : 'no');
  const rows: [string, string][] = [['model', test.model_id]];
  // Nothing was asked: there is no "no" to tell.
  if (test.error?.code === 'no_model') return rows;
  rows.push(['answers at its address', yes(test.live)], ['takes the key', yes(test.ready)]);
  if (test.duration_ms !== null) rows.push(['a call took', `${test.duration_ms} ms`]);
  if (test.first_token_ms !== null) rows.push(['first token after', `${test.first_token_ms} ms`]);
  if (test.text) rows.push(['it said', oneLine(test.text, 60)]);
  return rows;
}
