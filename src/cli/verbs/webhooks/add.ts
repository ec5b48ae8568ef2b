import { type Command, Option } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { WEBHOOK_EVENT_TYPES, type WebhookEventType } from '../../../contracts/webhookEvents.ts';
import { headersOf } from '../../connectionOptions.ts';
import { print, printJson } from '../../output/terminal.ts';
import { harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

type Options = {
  url?: string;
  events?: ('*' | WebhookEventType)[];
  fields?: string[];
  filter?: string[];
  ordered?: boolean;
  header?: string[];
  allowAddress?: string[];
  allowHttp?: boolean;
};

export function addWebhooksAdd(webhooks: Command): void {
  const command = addVerb(webhooks, {
    usage: 'add [NAME]',
    summary: 'send events to an address from now on',
    details:
      'Prints the secret that verifies the signature, this once. Without --fields the ids and figures\nof an event are sent; query, response, title and project are sent when they are named.',
    examples: [
      [
        'turnkeep webhooks add n8n --url http://127.0.0.1:5678/webhook/turns --events turn.captured --allow-address 127.0.0.1',
        'n8n on this computer',
      ],
      [
        'turnkeep webhooks add notes --url https://example.com/hook --events turn.captured --fields turn_id query response --filter answered=true',
        'what was said, when it was answered',
      ],
    ],
  });
  command
    .option('--url <ADDRESS>', 'where to')
    .addOption(
      new Option('--events <TYPE...>', 'which (default: all)').choices([
        '*',
        ...WEBHOOK_EVENT_TYPES,
      ]),
    )
    .option('--fields <FIELD...>', 'the fields to send')
    .option('--filter <FIELD=VALUE...>', 'only events with one of these values')
    .option('--ordered', 'one at a time, in their order')
    .option('--header <NAME:VALUE...>', 'sent along')
    .option('--allow-address <ADDRESS...>', 'addresses of your network that it may be at')
    .option('--allow-http', 'plain http to another computer');
  onRun<Options>(command, async ([name], cli, options) => {
    if (!name) throw new TurnkeepError('usage', 'NAME is missing: what do you call it?');
    if (!options.url) throw new TurnkeepError('usage', '--url is missing: where to?');
    const made = await cli.client.request('createWebhook', {
      ...{ name, url: options.url, event_types: options.events ?? ['*'] },
      settings: {
        fields: options.fields,
        filter: options.filter && filterOf(options.filter),
        ordered: options.ordered,
        headers: options.header && headersOf(options.header),
        allow_addresses: options.allowAddress,
        allow_http: options.allowHttp,
      },
    });
    if (cli.json) return printJson(made);
    await print(
      `Added ${harmless(name)}. Its secret, shown this once:\n${made.secret}\nTry it: turnkeep webhooks test ${harmless(name)}`,
    );
  });
}

/** `FIELD=VALUE` lines by field; what reads as JSON of a number, a boolean or null is that. */
function filterOf(lines: string[]): Record<string, (string | number | boolean | null)[]> {
  const filter: Record<string, (string | number | boolean | null)[]> = {};
  for (const line of lines) {
    const at = line.indexOf('=');
    if (at < 1) throw new TurnkeepError('usage', `--filter "${line}": FIELD=VALUE is expected.`);
    const field = line.slice(0, at);
    filter[field] = [...(filter[field] ?? []), scalarOf(line.slice(at + 1))];
  }
  return filter;
}

function scalarOf(text: string): string | number | boolean | null {
  return /^(true|false|null|-?\d{1,15})$/.test(text) ? JSON.parse(text) : text;
}
