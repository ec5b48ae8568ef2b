import type { Command } from 'commander';
import { sqlTable } from '../../output/table.ts';
import { print, printJson } from '../../output/terminal.ts';
import { addVerb, onRun } from '../../verb.ts';

export function addIntegrationsTemplates(integrations: Command): void {
  const command = addVerb(integrations, {
    usage: 'templates',
    summary: 'kinds of systems that are known',
    examples: [['turnkeep integrations templates --json', 'with settings, policy and examples']],
  });
  onRun(command, async (_args, cli) => {
    const listed = await cli.client.request('listIntegrationTemplates', {});
    if (cli.json) return printJson(listed);
    const rows = listed.templates.map((one) => [
      ...[one.kind, one.title, one.base_url ?? '', one.needs_key ? 'yes' : 'no'],
    ]);
    const columns = ['kind', 'what', 'address', 'needs a key'];
    await print(sqlTable({ columns, rows, command: 'SELECT', row_count: rows.length }));
  });
}
