import type { Command } from 'commander';
import { sqlTable } from '../../output/table.ts';
import { print, printJson } from '../../output/terminal.ts';
import { addVerb, onRun } from '../../verb.ts';

export function addWebhooksEvents(webhooks: Command): void {
  const command = addVerb(webhooks, {
    usage: 'events',
    summary: 'the types of events; with --json the JSON Schema of each',
    examples: [['turnkeep webhooks events --json', 'schemas']],
  });
  onRun(command, async (_args, cli) => {
    const published = await cli.client.request('listWebhookEventTypes', {});
    if (cli.json) return printJson(published);
    const rows = published.event_types.map(({ type, summary }) => [type, summary]);
    const columns = ['event', 'what happened'];
    await print(sqlTable({ columns, rows, command: 'SELECT', row_count: rows.length }));
  });
}
