import type { Command } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { print, printJson } from '../../output/terminal.ts';
import { harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

type Options = { reason?: string };

export function addModelsActivate(models: Command): void {
  const command = addVerb(models, {
    usage: 'activate [MODEL]',
    summary: 'use a model again',
    examples: [['turnkeep models activate gpt-4-v1', 'it can be called by its name again']],
  });
  onActivation(command, 'activateModel', 'is in use');
}

export function addModelsDeactivate(models: Command): void {
  const command = addVerb(models, {
    usage: 'deactivate [MODEL]',
    summary: 'take a model out of use; it and its history stay',
    examples: [
      ['turnkeep models deactivate gpt-4-v1 --reason "too slow"', 'with the reason in its history'],
    ],
  });
  onActivation(command, 'deactivateModel', 'is out of use');
}

function onActivation(
  command: Command,
  name: 'activateModel' | 'deactivateModel',
  told: string,
): void {
  command.option('--reason <TEXT>', 'kept in its history');
  onRun<Options>(command, async ([model_id], cli, { reason }) => {
    if (!model_id) throw new TurnkeepError('usage', 'MODEL is missing. See: turnkeep models list');
    const model = await cli.client.request(name, { model_id, ...(reason ? { reason } : {}) });
    if (cli.json) return printJson(model);
    await print(`${harmless(model.model_id)} ${told}.`);
  });
}
