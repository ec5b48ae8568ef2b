import type { Command } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { parseMetadata } from '../../input.ts';
import { print, printJson } from '../../output/terminal.ts';
import { harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';
import { addFieldOptions, type FieldOptions, fieldsOf, metadataOf } from './fields.ts';

type Options = FieldOptions & {
  provider?: string;
  modelVersion?: string;
  id?: string;
  alias?: string[];
  metrics?: string;
};

export function addModelsAdd(models: Command): void {
  const command = addVerb(models, {
    usage: 'add [NAME]',
    summary: 'register a model, or another version of one',
    examples: [
      [
        'turnkeep models add gpt-4 --provider openai --id gpt-4-v1 --parameters \'{"temperature":0.7}\'',
        'one with an id of your own',
      ],
      [
        'turnkeep models add llama3.2 --provider ollama --connection ollama --alias fast',
        'one that a connection serves',
      ],
    ],
  });
  command
    .option('--provider <NAME>', 'whose it is')
    .option('--model-version <TEXT>', 'its version (default: current)')
    .option('--id <ID>', 'its id (default: provider/name, with @version when one is given)')
    .option('--alias <NAMES...>', 'names of your own for it')
    .option('--metrics <JSON>', 'what you measured, such as \'{"accuracy":0.95}\'');
  addFieldOptions(command);
  onRun<Options>(command, async ([name], cli, options) => {
    if (!name) throw new TurnkeepError('usage', 'NAME is missing: what is the model called?');
    if (!options.provider) throw new TurnkeepError('usage', '--provider is missing: whose is it?');
    const model = await cli.client.request(
      'registerModel',
      inputOf(name, options.provider, options),
    );
    if (cli.json) return printJson(model);
    await print(`Registered ${harmless(model.model_id)}.`);
  });
}

function inputOf(model_name: string, provider: string, options: Options) {
  const metrics = parseMetadata(options.metrics, '--metrics');
  return {
    ...{ model_name, provider, version: options.modelVersion, model_id: options.id },
    ...fieldsOf(options),
    aliases: options.alias,
    performance_metrics: metrics === undefined ? undefined : numbersOf(metrics),
    metadata: metadataOf(options),
  };
}

function numbersOf(metrics: Record<string, unknown>): Record<string, number> {
  for (const [name, value] of Object.entries(metrics)) {
    if (typeof value !== 'number') {
      throw new TurnkeepError('usage', `--metrics: "${name}" is not a number.`);
    }
  }
  return metrics as Record<string, number>;
}
