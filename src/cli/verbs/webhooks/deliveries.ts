import { type Command, Option } from 'commander';
import { DELIVERY_STATUSES, type Delivery } from '../../../contracts/webhooks.ts';
import { wholeNumber } from '../../numbers.ts';
import { sqlTable } from '../../output/table.ts';
import { print, printJson } from '../../output/terminal.ts';
import { harmless, localTime } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';
import { webhookNamed } from './named.ts';

type Options = { status?: Delivery['status']; limit: number; show?: string };

export function addWebhooksDeliveries(webhooks: Command): void {
  const command = addVerb(webhooks, {
    usage: 'deliveries [NAME]',
    summary: 'what became of events, newest first',
    examples: [
      ['turnkeep webhooks deliveries n8n --status failed', 'those that did not arrive'],
      ['turnkeep webhooks deliveries --show DELIVERY', 'every attempt of one'],
    ],
  });
  command
    .addOption(new Option('--status <STATUS>', 'only those').choices(DELIVERY_STATUSES))
    .option('--limit <N>', 'how many', wholeNumber(1, 500), 50)
    .option('--show <DELIVERY>', 'one, with its attempts');
  onRun<Options>(command, async ([name], cli, { status, limit, show }) => {
    if (show !== undefined) {
      const one = await cli.client.request('getDelivery', { delivery_id: show });
      if (cli.json) return printJson(one);
      const lines = one.attempt_log.map(
        ({ at, status: code, took_ms, error, response }) =>
          `${localTime(at)}  ${code === null ? 'no answer' : `HTTP ${code}`}  ${took_ms} ms  ${harmless(error ?? '')}${response === null ? '' : `\n  ${harmless(response)}`}`,
      );
      return print([`${one.event_type}, ${one.status}`, ...lines].join('\n'));
    }
    const endpoint_id =
      name === undefined ? undefined : (await webhookNamed(cli, name)).endpoint_id;
    const listed = await cli.client.request('listDeliveries', { endpoint_id, status, limit });
    if (cli.json) return printJson(listed);
    if (listed.deliveries.length === 0) return print('There is no delivery.');
    const columns = ['created', 'event', 'status', 'attempts', 'last', 'next', 'delivery'];
    const rows = listed.deliveries.map(rowOf);
    await print(sqlTable({ columns, rows, command: 'SELECT', row_count: rows.length }));
  });
}

function rowOf(one: Delivery): string[] {
  const { created_at, event_type, status, attempts, last_attempt, next_at, delivery_id } = one;
  const last = last_attempt === null ? '' : (last_attempt.error ?? `HTTP ${last_attempt.status}`);
  const next = next_at === null ? '' : localTime(next_at);
  return [localTime(created_at), event_type, status, String(attempts), last, next, delivery_id];
}
