import type { Command } from 'commander';
import type { Webhook } from '../../../contracts/webhooks.ts';
import { sqlTable } from '../../output/table.ts';
import { print, printJson } from '../../output/terminal.ts';
import { localTime } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

export function addWebhooksList(webhooks: Command): void {
  const command = addVerb(webhooks, {
    usage: 'list',
    summary: 'where events are sent to, and whether they arrive',
    examples: [['turnkeep webhooks list --json', 'for a program']],
  });
  onRun(command, async (_args, cli) => {
    const listed = await cli.client.request('listWebhooks', {});
    if (cli.json) return printJson(listed);
    const { webhooks: all } = listed;
    if (all.length === 0) {
      return print(
        'There is no webhook. For example: turnkeep webhooks add n8n --url http://127.0.0.1:5678/webhook/turns --events turn.captured --allow-address 127.0.0.1',
      );
    }
    const columns = ['name', 'host', 'events', 'state', 'id'];
    const rows = all.map((one) => [
      ...[one.name, new URL(one.url).host, one.event_types.join(' '), stateOf(one)],
      one.endpoint_id,
    ]);
    await print(sqlTable({ columns, rows, command: 'SELECT', row_count: rows.length }));
  });
}

function stateOf({ enabled, disabled_reason, failing_since }: Webhook): string {
  if (!enabled) return disabled_reason === null ? 'off' : `switched off: ${disabled_reason}`;
  return failing_since === null ? 'on' : `failing since ${localTime(failing_since)}`;
}
