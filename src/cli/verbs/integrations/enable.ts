import type { Command } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { print, printJson } from '../../output/terminal.ts';
import { harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

export function addIntegrationsEnable(integrations: Command): void {
  addSwitch(integrations, 'enable', 'let a system be called again');
}

export function addIntegrationsDisable(integrations: Command): void {
  addSwitch(integrations, 'disable', 'let a system be called no more; it stays set up');
}

function addSwitch(integrations: Command, verb: 'enable' | 'disable', summary: string): void {
  const command = addVerb(integrations, {
    usage: `${verb} [ID]`,
    summary,
    examples: [[`turnkeep integrations ${verb} github`, 'that one']],
  });
  onRun(command, async ([integration_id], cli) => {
    if (!integration_id) throw new TurnkeepError('usage', 'ID is missing: which system?');
    const name = verb === 'enable' ? 'enableIntegration' : 'disableIntegration';
    const integration = await cli.client.request(name, { integration_id });
    if (cli.json) return printJson(integration);
    await print(`${harmless(integration_id)} is ${verb}d.`);
  });
}
