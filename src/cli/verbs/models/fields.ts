import { type Command, InvalidArgumentError, Option } from 'commander';
import { MODEL_TYPES, type ModelType, moneySchema } from '../../../contracts/models.ts';
import { parseMetadata } from '../../input.ts';
import { wholeNumber } from '../../numbers.ts';

/** What `models add` and `models change` say of a model. */
export type FieldOptions = {
  type?: ModelType;
  connection?: string;
  replaces?: string;
  tag?: string[];
  contextWindow?: number;
  maxOutput?: number;
  inputPrice?: string;
  outputPrice?: string;
  parameters?: string;
};

const tokens = wholeNumber(1, 1_000_000_000);

/** Gives a verb the options of {@link FieldOptions}. */
export function addFieldOptions(command: Command): void {
  command
    .addOption(new Option('--type <TYPE>', 'its type (of a new one: llm)').choices(MODEL_TYPES))
    .option('--connection <ID>', 'the connection that it is called by')
    .option('--replaces <ID>', 'the model that it takes the place of')
    .option('--tag <TAGS...>', 'tags')
    .option('--context-window <N>', 'tokens of prompt and answer', tokens)
    .option('--max-output <N>', 'tokens of an answer at most', tokens)
    .option('--input-price <USD>', 'US dollars a token of the prompt', money)
    .option('--output-price <USD>', 'US dollars a token of the answer', money)
    .option('--parameters <JSON>', 'sent with each call');
}

/** The fields that were given, as the endpoints take them. Throws `usage` for what is no JSON. */
export function fieldsOf(options: FieldOptions) {
  return {
    model_type: options.type,
    connection_id: options.connection,
    replaces: options.replaces,
    tags: options.tag,
    parameters: parseMetadata(options.parameters, '--parameters'),
  };
}

/** What was given of limits and prices, without what was not. */
export function metadataOf(options: FieldOptions) {
  const { contextWindow, maxOutput, inputPrice, outputPrice } = options;
  return {
    ...(contextWindow === undefined ? {} : { context_window: contextWindow }),
    ...(maxOutput === undefined ? {} : { max_output_tokens: maxOutput }),
    ...(inputPrice === undefined && outputPrice === undefined
      ? {}
      : {
          prices: {
            ...(inputPrice === undefined ? {} : { input: inputPrice }),
            ...(outputPrice === undefined ? {} : { output: outputPrice }),
          },
        }),
  };
}

function money(text: string): string {
  if (moneySchema.safeParse(text).success) return text;
  throw new InvalidArgumentError('A decimal number such as 0.0000025 is expected.');
}
