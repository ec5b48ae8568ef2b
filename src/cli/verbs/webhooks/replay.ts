import type { Command } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { moment } from '../../dates.ts';
import { print, printJson } from '../../output/terminal.ts';
import { addVerb, onRun } from '../../verb.ts';
import { webhookNamed } from './named.ts';

type Options = { since?: string; until?: string; all?: boolean; delivery?: string };

export function addWebhooksReplay(webhooks: Command): void {
  const command = addVerb(webhooks, {
    usage: 'replay [NAME]',
    summary: 'send events again, with the ids that they had',
    details:
      'Of a time those that failed, or that it missed while it was off. A receiver knows what it has\nhad before by the id.',
    examples: [
      ['turnkeep webhooks replay n8n --since 2d', 'what failed in the last two days'],
      ['turnkeep webhooks replay --delivery DELIVERY', 'one of `turnkeep webhooks deliveries`'],
    ],
  });
  command
    .option('--since <TIME>', 'from then on: a date, a time, or how long ago (12h, 7d)', (text) =>
      moment(text),
    )
    .option('--until <TIME>', 'before then', (text) => moment(text, { end: true }))
    .option('--all', 'also those that have arrived')
    .option('--delivery <DELIVERY>', 'this one alone');
  onRun<Options>(command, async ([name], cli, { since, until, all, delivery }) => {
    if (delivery !== undefined) {
      const one = await cli.client.request('replayDelivery', { delivery_id: delivery });
      if (cli.json) return printJson(one);
      return print('It is sent again.');
    }
    if (since === undefined) {
      throw new TurnkeepError('usage', '--since or --delivery is missing: what is sent again?');
    }
    const { endpoint_id } = await webhookNamed(cli, name);
    const done = await cli.client.request('replayWebhook', { endpoint_id, since, until, all });
    if (cli.json) return printJson(done);
    await print(`${done.replayed} are sent again.`);
  });
}
