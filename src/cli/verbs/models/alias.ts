import type { Command } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { sqlTable } from '../../output/table.ts';
import { print, printJson } from '../../output/terminal.ts';
import { harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

type Options = { remove?: boolean };

export function addModelsAlias(models: Command): void {
  const command = addVerb(models, {
    usage: 'alias [ALIAS] [MODEL]',
    summary: 'give a model a name of your own, or list such names',
    examples: [
      ['turnkeep models alias fast ollama/llama3.2', '"fast" is that model from now on'],
      ['turnkeep models alias fast --remove', 'no model has it any more'],
      ['turnkeep models alias', 'those that there are'],
    ],
  });
  command.option('--remove', 'take the alias away');
  onRun<Options>(command, async ([alias, model], cli, { remove }) => {
    if (!alias) {
      const listed = await cli.client.request('listModelAliases', {});
      if (cli.json) return printJson(listed);
      if (listed.aliases.length === 0) return print('No model has an alias yet.');
      const rows = listed.aliases.map((row) => [row.alias, row.model_id]);
      const columns = ['alias', 'model'];
      return print(sqlTable({ columns, rows, command: 'SELECT', row_count: rows.length }));
    }
    if (remove) {
      const done = await cli.client.request('deleteModelAlias', { alias });
      if (cli.json) return printJson(done);
      return print(done.deleted ? `No model is "${alias}" any more.` : 'No model had this alias.');
    }
    if (!model) throw new TurnkeepError('usage', 'MODEL is missing: who gets the alias?');
    const set = await cli.client.request('setModelAlias', { alias, model });
    if (cli.json) return printJson(set);
    await print(`"${set.alias}" is ${harmless(set.model_id)}.`);
  });
}
