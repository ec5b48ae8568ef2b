import type { Command } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import type { IntegrationStatus } from '../../../contracts/integrationCalls.ts';
import type { Integration } from '../../../contracts/integrations.ts';
import { pairs, print, printJson } from '../../output/terminal.ts';
import { harmless, localTime, oneLine } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

export function addIntegrationsShow(integrations: Command): void {
  const command = addVerb(integrations, {
    usage: 'show [ID]',
    summary: 'one system: its address, settings and policy, and how it is',
    examples: [['turnkeep integrations show github', 'that one']],
  });
  onRun(command, async ([integration_id], cli) => {
    if (!integration_id) throw new TurnkeepError('usage', 'ID is missing: which system?');
    const [integration, { integrations: all }] = await Promise.all([
      cli.client.request('getIntegration', { integration_id }),
      cli.client.request('integrationStatus', {}),
    ]);
    const status = all.find((one) => one.integration_id === integration_id) ?? null;
    if (cli.json) return printJson({ ...integration, status });
    await print(readable(integration, status));
  });
}

function readable(one: Integration, status: IntegrationStatus | null): string {
  const key = one.key_ref === null ? 'none' : `${one.key_ref}${one.has_key ? '' : ', not there'}`;
  const rows: [string, string][] = [
    ['id', one.integration_id],
    ['name', oneLine(one.name, 100)],
    ['kind', one.kind],
    ['address', harmless(one.base_url)],
    ['key', key],
    ['settings', harmless(JSON.stringify(one.settings))],
    ['policy', harmless(JSON.stringify(one.policy))],
  ];
  if (status) rows.push(...statusRows(status));
  return pairs(rows);
}

function statusRows(status: IntegrationStatus): [string, string][] {
  const { health, since, checked_at, last_error, latency_ms } = status;
  const rate = `${(status.error_rate * 100).toFixed(1)} %`;
  const rows: [string, string][] = [
    ['health', since === null ? health : `${health} since ${localTime(since)}`],
    ['last check', checked_at === null ? 'none' : localTime(checked_at)],
    ['24 hours', `${status.requests} requests, ${status.errors} errors (${rate})`],
  ];
  if (latency_ms) {
    const { p50, p95, p99 } = latency_ms;
    rows.push(['latency', `p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms`]);
  }
  if (last_error) {
    rows.push(['last error', `${localTime(last_error.at)} ${oneLine(last_error.message, 200)}`]);
  }
  return rows;
}
