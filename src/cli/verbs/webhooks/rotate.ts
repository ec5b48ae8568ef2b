import type { Command } from 'commander';
import { wholeNumber } from '../../numbers.ts';
import { print, printJson } from '../../output/terminal.ts';
import { addVerb, onRun } from '../../verb.ts';
import { webhookNamed } from './named.ts';

export function addWebhooksRotate(webhooks: Command): void {
  const command = addVerb(webhooks, {
    usage: 'rotate [NAME]',
    summary: 'make a new secret; for a while both sign',
    examples: [['turnkeep webhooks rotate n8n --overlap 1', 'the one before is good for an hour']],
  });
  command.option('--overlap <HOURS>', 'how long the one before is good', wholeNumber(0, 720), 24);
  onRun<{ overlap: number }>(command, async ([name], cli, { overlap }) => {
    const { endpoint_id } = await webhookNamed(cli, name);
    const request = { endpoint_id, overlap_hours: overlap };
    const made = await cli.client.request('rotateWebhookSecret', request);
    if (cli.json) return printJson(made);
    await print(`The new secret, shown this once:\n${made.secret}`);
  });
}
