import type { Command } from 'commander';
import type { Connection } from '../../../contracts/modelConnections.ts';
import { sqlTable } from '../../output/table.ts';
import { print, printJson } from '../../output/terminal.ts';
import { count } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

export function addModelsConnections(models: Command): void {
  const command = addVerb(models, {
    usage: 'connections',
    summary: 'the providers that models are called at',
    examples: [['turnkeep models connections', 'with what is wrong with them']],
  });
  onRun(command, async (_args, cli) => {
    const listed = await cli.client.request('listModelConnections', {});
    if (cli.json) return printJson(listed);
    if (listed.connections.length === 0) {
      return print('No provider is connected. For example: turnkeep models connect ollama');
    }
    const rows = listed.connections.map((one) => [
      one.connection_id,
      one.kind,
      one.base_url ?? '',
      one.key_ref ?? '',
      stateOf(one),
    ]);
    const columns = ['id', 'kind', 'address', 'key', 'state'];
    await print(sqlTable({ columns, rows, command: 'SELECT', row_count: rows.length }));
  });
}

function stateOf({ enabled, has_key, state }: Connection): string {
  if (!enabled) return 'off';
  if (!has_key) return 'its key is not there';
  if (state.error) return state.error;
  return state.model_count === undefined ? 'not asked yet' : count(state.model_count, 'model');
}
