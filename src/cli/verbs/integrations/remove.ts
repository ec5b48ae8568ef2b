import type { Command } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { confirm } from '../../confirm.ts';
import { print, printJson } from '../../output/terminal.ts';
import { harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

export function addIntegrationsRemove(integrations: Command): void {
  const command = addVerb(integrations, {
    usage: 'remove [ID]',
    summary: 'forget a system with its measures; the audit log stays',
    examples: [['turnkeep integrations remove github', 'that one']],
  });
  command.option('--yes', 'do not ask');
  onRun<{ yes?: boolean }>(command, async ([integration_id], cli, { yes }) => {
    if (!integration_id) throw new TurnkeepError('usage', 'ID is missing: which system?');
    await confirm(`This forgets ${harmless(integration_id)} and its measures.`, yes === true);
    const done = await cli.client.request('deleteIntegration', { integration_id });
    if (cli.json) return printJson(done);
    await print(done.deleted ? `Forgot ${harmless(integration_id)}.` : 'There was no such system.');
  });
}
