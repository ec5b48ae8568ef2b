import type { Command } from 'commander';
import type { IntegrationStatus } from '../../../contracts/integrationCalls.ts';
import { sqlTable } from '../../output/table.ts';
import { print, printJson } from '../../output/terminal.ts';
import { localTime } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

export function addIntegrationsList(integrations: Command): void {
  const command = addVerb(integrations, {
    usage: 'list',
    summary: 'the connected systems, how they are, and how their calls went in 24 hours',
    examples: [['turnkeep integrations list --json', 'for a program']],
  });
  onRun(command, async (_args, cli) => {
    const status = await cli.client.request('integrationStatus', {});
    if (cli.json) return printJson(status);
    const { integrations: all } = status;
    if (all.length === 0) {
      return print(
        'No system is connected. For example: turnkeep integrations add github --key env:GITHUB_TOKEN',
      );
    }
    const columns = ['id', 'kind', 'health', 'since', 'requests', 'errors', 'p95', 'last error'];
    const rows = all.map(rowOf);
    await print(sqlTable({ columns, rows, command: 'SELECT', row_count: rows.length }));
  });
}

function rowOf(one: IntegrationStatus): string[] {
  const health = one.circuit === 'closed' ? one.health : `${one.health}, left alone`;
  return [
    ...[one.integration_id, one.kind, health],
    one.since === null ? '' : localTime(one.since),
    ...[String(one.requests), String(one.errors)],
    one.latency_ms === null ? '' : `${Math.round(one.latency_ms.p95)} ms`,
    one.last_error === null ? '' : `${one.last_error.kind}, ${localTime(one.last_error.at)}`,
  ];
}
