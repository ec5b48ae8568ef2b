import type { Command } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { print, printJson } from '../../output/terminal.ts';
import { harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

export function addIntegrationsCheck(integrations: Command): void {
  const command = addVerb(integrations, {
    usage: 'check [ID]',
    summary: 'look now how a system is',
    details:
      'Exit code 1 when it is down. A system that was left alone is called again when it is well.',
    examples: [['turnkeep integrations check github', 'ask it']],
  });
  onRun(command, async ([integration_id], cli) => {
    if (!integration_id) throw new TurnkeepError('usage', 'ID is missing: which system?');
    const found = await cli.client.request('checkIntegration', { integration_id });
    if (found.health === 'down') process.exitCode = 1;
    if (cli.json) return printJson(found);
    const took = found.latency_ms === null ? '' : ` (${Math.round(found.latency_ms)} ms)`;
    const error = found.error === null ? '' : ` ${harmless(found.error)}`;
    await print(`${harmless(integration_id)}: ${found.health}${took}.${error}`);
  });
}
