import type { Command } from 'commander';
import type { Cli } from '../../cli.ts';
import { print, printJson } from '../../output/terminal.ts';
import { harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';
import { webhookNamed } from './named.ts';

async function switchTo(cli: Cli, given: string | undefined, enabled: boolean): Promise<void> {
  const { endpoint_id } = await webhookNamed(cli, given);
  const webhook = await cli.client.request('updateWebhook', { endpoint_id, enabled });
  if (cli.json) return printJson(webhook);
  await print(`${harmless(webhook.name)} is ${enabled ? 'on' : 'off'}.`);
}

export function addWebhooksEnable(webhooks: Command): void {
  const command = addVerb(webhooks, {
    usage: 'enable [NAME]',
    summary: 'send it events again',
    details: 'What it missed meanwhile: turnkeep webhooks replay NAME --since TIME.',
    examples: [['turnkeep webhooks enable n8n', 'from now on']],
  });
  onRun(command, ([name], cli) => switchTo(cli, name, true));
}

export function addWebhooksDisable(webhooks: Command): void {
  const command = addVerb(webhooks, {
    usage: 'disable [NAME]',
    summary: 'send it nothing for now',
    examples: [['turnkeep webhooks disable n8n', 'until it is enabled']],
  });
  onRun(command, ([name], cli) => switchTo(cli, name, false));
}
