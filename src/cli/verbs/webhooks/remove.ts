import type { Command } from 'commander';
import { confirm } from '../../confirm.ts';
import { print, printJson } from '../../output/terminal.ts';
import { harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';
import { webhookNamed } from './named.ts';

export function addWebhooksRemove(webhooks: Command): void {
  const command = addVerb(webhooks, {
    usage: 'remove [NAME]',
    summary: 'forget a webhook with its deliveries',
    examples: [['turnkeep webhooks remove n8n', 'that one']],
  });
  command.option('--yes', 'do not ask');
  onRun<{ yes?: boolean }>(command, async ([given], cli, { yes }) => {
    const { endpoint_id, name } = await webhookNamed(cli, given);
    await confirm(`This forgets ${harmless(name)} and its deliveries.`, yes === true);
    const done = await cli.client.request('deleteWebhook', { endpoint_id });
    if (cli.json) return printJson(done);
    await print(`Forgot ${harmless(name)}.`);
  });
}
