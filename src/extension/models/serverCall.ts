import type { ModelMetadata } from '../../contracts/models.ts';
import type { ServerLink } from '../server.ts';
import type { TestRequest, TestRun } from './testRun.ts';

/** Enough for an answer, also of a model that thinks before it; not enough to cost much. */
const MOST_TOKENS = 2000;

/** How many tokens a test may ask a model for: it is refused when that is more than the model has. */
export function testTokens({ max_output_tokens, context_window }: ModelMetadata): number {
  const half = context_window === undefined ? MOST_TOKENS : Math.ceil(context_window / 2);
  return Math.min(MOST_TOKENS, max_output_tokens ?? MOST_TOKENS, half);
}

/**
 * Asks a model through the server, which records the call. No other model is asked in its place.
 * Throws a `TurnkeepError`, also when the stream ends in the middle.
 */
export async function askThroughServer(
  server: ServerLink,
  { model_id, prompt, write, signal }: TestRequest,
  max_output_tokens: number,
): Promise<TestRun> {
  const messages = [{ role: 'user' as const, content: prompt }];
  const input = { model: model_id, messages, fallbacks: [], max_output_tokens };
  const began = performance.now();
  let first: number | null = null;
  for await (const { data } of await server.events('chatStream', input, { signal })) {
    if (data.type === 'text') {
      first ??= Math.round(performance.now() - began);
      write(data.text);
    }
    if (data.type !== 'done') continue;
    const { text, usage, cost, duration_ms, first_token_ms } = data;
    const { input_tokens, output_tokens } = usage;
    const first_token = first_token_ms ?? first;
    const tokens = { input_tokens, output_tokens };
    return { model_id, text, first_token_ms: first_token, duration_ms, ...tokens, cost };
  }
  throw new Error('The answer ended in the middle: the server or the provider went away.');
}
