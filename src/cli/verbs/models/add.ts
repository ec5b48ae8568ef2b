import { type Command, InvalidArgumentError, Option } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { MODEL_TYPES, type ModelType, moneySchema } from '../../../contracts/models.ts';
import { parseMetadata } from '../../input.ts';
import { wholeNumber } from '../../numbers.ts';
import { print, printJson } from '../../output/terminal.ts';
import { harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

type Options = {
  provider?: string;
  modelVersion?: string;
  id?: string;
  type?: ModelType;
  connection?: string;
  replaces?: string;
  alias?: string[];
  tag?: string[];
  contextWindow?: number;
  maxOutput?: number;
  inputPrice?: string;
  outputPrice?: string;
  parameters?: string;
  metrics?: string;
};

const tokens = wholeNumber(1, 1_000_000_000);

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
    .addOption(new Option('--type <TYPE>', 'its type (default: llm)').choices(MODEL_TYPES))
    .option('--connection <ID>', 'the connection that it is called by')
    .option('--replaces <ID>', 'the model that it takes the place of')
    .option('--alias <NAMES...>', 'names of your own for it')
    .option('--tag <TAGS...>', 'tags')
    .option('--context-window <N>', 'tokens of prompt and answer', tokens)
    .option('--max-output <N>', 'tokens of an answer at most', tokens)
    .option('--input-price <USD>', 'US dollars a token of the prompt', money)
    .option('--output-price <USD>', 'US dollars a token of the answer', money)
    .option('--parameters <JSON>', 'sent with each call')
    .option('--metrics <JSON>', 'what you measured, such as \'{"accuracy":0.95}\'');
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
  const { contextWindow, maxOutput, inputPrice: input, outputPrice: output } = options;
  const metrics = parseMetadata(options.metrics);
  return {
    model_name,
    provider,
    version: options.modelVersion,
    model_id: options.id,
    model_type: options.type,
    connection_id: options.connection,
    replaces: options.replaces,
    aliases: options.alias,
    tags: options.tag,
    parameters: parseMetadata(options.parameters),
    performance_metrics: metrics === undefined ? undefined : numbersOf(metrics),
    metadata: {
      context_window: contextWindow,
      max_output_tokens: maxOutput,
      ...(input || output ? { prices: { input, output } } : {}),
    },
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

function money(text: string): string {
  if (moneySchema.safeParse(text).success) return text;
  throw new InvalidArgumentError('A decimal number such as 0.0000025 is expected.');
}
