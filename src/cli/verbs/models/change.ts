import type { Command } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { print, printJson } from '../../output/terminal.ts';
import { harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';
import { addFieldOptions, type FieldOptions, fieldsOf, metadataOf } from './fields.ts';

export function addModelsChange(models: Command): void {
  const command = addVerb(models, {
    usage: 'change [MODEL]',
    summary: 'say more of a model that is there: prices, limits, parameters, tags',
    details:
      'What is not given stays as it was. What you say is not written over by what the provider tells. "none" as --connection or --replaces takes it away.',
    examples: [
      [
        'turnkeep models change fast --input-price 0.0000025 --output-price 0.00001',
        'what a token costs',
      ],
      ['turnkeep models change openai/gpt-4 --replaces openai/gpt-3.5-turbo', 'its lineage'],
    ],
  });
  addFieldOptions(command);
  onRun<FieldOptions>(command, async ([name], cli, options) => {
    if (!name) throw new TurnkeepError('usage', 'MODEL is missing: id, alias or name.');
    if (Object.keys(options).length === 0) {
      throw new TurnkeepError('usage', 'Nothing is to be changed: give an option.');
    }
    const { connection_id, replaces, ...fields } = fieldsOf(options);
    const { model_id, metadata } = await cli.client.request('getModel', { model_id: name });
    const given = metadataOf(options);
    const prices = { ...metadata.prices, ...given.prices };
    const changed = await cli.client.request('updateModel', {
      ...{ model_id, ...fields },
      connection_id: connection_id === 'none' ? null : connection_id,
      replaces: replaces === 'none' ? null : replaces,
      ...(Object.keys(given).length === 0
        ? {}
        : { metadata: { ...metadata, ...given, ...(given.prices ? { prices } : {}) } }),
    });
    if (cli.json) return printJson(changed);
    await print(`Changed ${harmless(changed.model_id)}.`);
  });
}
