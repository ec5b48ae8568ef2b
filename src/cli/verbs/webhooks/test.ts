import type { Command } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { print, printJson } from '../../output/terminal.ts';
import { harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';
import { webhookNamed } from './named.ts';

export function addWebhooksTest(webhooks: Command): void {
  const command = addVerb(webhooks, {
    usage: 'test [NAME]',
    summary: 'send it a test event now, once',
    examples: [['turnkeep webhooks test n8n', 'whether it arrives']],
  });
  onRun(command, async ([name], cli) => {
    const { endpoint_id, name: known } = await webhookNamed(cli, name);
    const delivery = await cli.client.request('testWebhook', { endpoint_id });
    if (cli.json) await printJson(delivery);
    const { status, last_attempt } = delivery;
    if (status === 'delivered') {
      if (!cli.json) {
        await print(
          `Arrived: HTTP ${last_attempt?.status}, ${Math.round(last_attempt?.took_ms ?? 0)} ms.`,
        );
      }
      return;
    }
    const why = last_attempt?.error ?? 'it has not answered yet';
    throw new TurnkeepError(
      'external_failed',
      `It did not arrive at ${harmless(known)}: ${harmless(why)}`,
    );
  });
}
