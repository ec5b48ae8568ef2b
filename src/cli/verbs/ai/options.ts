import type { Command } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { notNegative, wholeNumber } from '../../numbers.ts';

type CallOptions = { model?: string; fallback?: string[]; timeout?: number };
export type TextOptions = CallOptions & {
  system?: string;
  schema?: string;
  maxTokens?: number;
  temperature?: number;
};

/** Options of every call of a model. */
export function addCallOptions(command: Command): Command {
  return command
    .option('-m, --model <NAME>', 'id, alias or name (default: that of the settings)')
    .option('--fallback <NAME...>', 'models to ask in this order when it fails')
    .option('--timeout <SECONDS>', 'for all attempts together', wholeNumber(1, 600));
}

/** Options of a call that gives a text. */
export function addTextOptions(command: Command): Command {
  return addCallOptions(command)
    .option('--system <TEXT>', 'what the model is told before all else')
    .option('--schema <JSON>', 'JSON Schema that the answer is to follow')
    .option('--max-tokens <N>', 'tokens of the answer at most', wholeNumber(1, 10_000_000))
    .option('--temperature <N>', 'from 0 to 2', notNegative);
}

/** The fields of a call; an option that is not given is absent. */
export function callInput({ model, fallback, timeout }: CallOptions) {
  return {
    ...(model === undefined ? {} : { model }),
    ...(fallback === undefined ? {} : { fallbacks: fallback }),
    ...(timeout === undefined ? {} : { timeout_ms: timeout * 1000 }),
  };
}

/** The same of a call that gives a text. Throws `usage` for a schema that is no JSON object. */
export function textInput(options: TextOptions) {
  const { system, schema, maxTokens, temperature } = options;
  return {
    ...callInput(options),
    ...(system === undefined ? {} : { system }),
    ...(schema === undefined ? {} : { schema: parseSchema(schema) }),
    ...(maxTokens === undefined ? {} : { max_output_tokens: maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
  };
}

function parseSchema(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new TurnkeepError('usage', '--schema is not JSON.');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new TurnkeepError('usage', '--schema is no JSON object.');
}
