import { TurnkeepError } from '../../../contracts/errors.ts';
import type { Model } from '../../../contracts/models.ts';
import { textTokens } from '../../memory/service.ts';

/** Tokens that a model of unknown limits may write when what it costs has to be known before. */
const DEFAULT_OUTPUT = 4096;
/** What roles and marks of a message take beside its text. */
const MESSAGE_TOKENS = 8;

/** What a call may take at most. */
export type CallLimits = {
  /** Tokens of the prompt; a bound when there was no need to count. */
  input: number;
  /** Tokens of the answer. */
  output: number;
};

/** The bytes of texts, which are never fewer than their tokens; with `exact` the tokens. */
export async function tokensIn(texts: readonly string[], exact: boolean): Promise<number> {
  const size = exact ? await textTokens() : Buffer.byteLength;
  return texts.reduce((sum, text) => sum + size(text), texts.length * MESSAGE_TOKENS);
}

/**
 * Looks whether a call fits into a model. A prompt is counted (cl100k_base) only when its bytes do
 * not show already that it fits.
 * @param exact whether the count itself is needed
 * @throws TurnkeepError `prompt_too_long`, or `invalid_request` for more output than there can be.
 */
export async function fitting(
  { model_id, metadata }: Model,
  texts: readonly string[],
  wanted: number | undefined,
  exact: boolean,
): Promise<CallLimits> {
  const { context_window, max_output_tokens } = metadata;
  if (wanted !== undefined && max_output_tokens !== undefined && wanted > max_output_tokens) {
    const message = `${model_id} writes ${max_output_tokens} tokens at most: ask for no more.`;
    throw new TurnkeepError('invalid_request', message, {
      fields: [{ path: 'max_output_tokens', message }],
    });
  }
  const output = wanted ?? max_output_tokens ?? DEFAULT_OUTPUT;
  // An answer of no set length may have what the prompt leaves.
  const room = (context_window ?? Number.POSITIVE_INFINITY) - (wanted ?? 1);
  let input = await tokensIn(texts, exact);
  if (input > room && !exact) input = await tokensIn(texts, true);
  if (input > room) {
    throw new TurnkeepError(
      'prompt_too_long',
      `The prompt has about ${input} tokens${wanted === undefined ? '' : ` and ${wanted} are asked for`}; ${model_id} takes ${context_window} with its answer. Shorten it, or name a model with a larger window.`,
    );
  }
  return { input, output };
}
