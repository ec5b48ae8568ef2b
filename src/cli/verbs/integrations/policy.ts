import type { Command } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { print, printJson } from '../../output/terminal.ts';
import { harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';
import { policyIn } from './add.ts';

export function addIntegrationsPolicy(integrations: Command): void {
  const command = addVerb(integrations, {
    usage: 'policy [ID]',
    summary: 'what may leave to a system: show it, or set it from a file',
    details:
      'A JSON object: allowed_hosts, allowed_methods, allowed_paths, required_fields, rules,\nbody_schema, rate, data_classes. See docs/integrations.md.',
    examples: [
      ['turnkeep integrations policy github', 'show it'],
      ['turnkeep integrations policy github --set policy.json', 'set it'],
    ],
  });
  command.option('--set <FILE>', 'the policy from now on, as JSON');
  onRun<{ set?: string }>(command, async ([integration_id], cli, { set }) => {
    if (!integration_id) throw new TurnkeepError('usage', 'ID is missing: which system?');
    const policy =
      set === undefined
        ? await cli.client.request('getIntegrationPolicy', { integration_id })
        : await cli.client.request('putIntegrationPolicy', {
            ...{ integration_id, ...(await policyIn(set)) },
          });
    await (cli.json ? printJson(policy) : print(harmless(JSON.stringify(policy, null, 2))));
  });
}
