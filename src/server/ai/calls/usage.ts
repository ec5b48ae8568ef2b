import type { Model } from '../../../contracts/models.ts';
import { textTokens } from '../../memory/service.ts';
import type { Models } from '../../models/service.ts';

/** What a provider told; any number, also one that is none. */
export type ToldUsage = {
  input?: number | undefined;
  output?: number | undefined;
  cacheRead?: number | undefined;
  cacheWrite?: number | undefined;
};

/** Tokens of a call. `estimated`: counted here, since the provider did not tell or cannot be right. */
export type Usage = {
  input: number | null;
  output: number | null;
  cacheRead: number;
  cacheWrite: number;
  estimated: boolean;
};

/** No token has more characters: fewer tokens than that are no count of this text. */
const LONGEST_TOKEN = 128;
const MOST_TOKENS = 1e9;

function count(value: number | undefined): number | null {
  const isCount = Number.isInteger(value) && (value ?? -1) >= 0 && (value ?? 0) <= MOST_TOKENS;
  return isCount ? (value ?? null) : null;
}

function covers(tokens: number | null, characters: number): tokens is number {
  return tokens !== null && tokens * LONGEST_TOKEN >= characters;
}

/** The tokens of a call: as the provider tells them where that can be, else counted here. */
export async function usageOf(
  told: ToldUsage | undefined,
  prompt: readonly string[],
  answer: string,
): Promise<Usage> {
  const input = count(told?.input);
  const output = count(told?.output);
  const asked = prompt.reduce((sum, text) => sum + text.length, 0);
  const cacheRead = count(told?.cacheRead) ?? 0;
  const cacheWrite = count(told?.cacheWrite) ?? 0;
  if (covers(input, asked) && covers(output, answer.length)) {
    return { input, output, cacheRead, cacheWrite, estimated: false };
  }
  const tokens = await textTokens();
  return {
    input: covers(input, asked) ? input : prompt.reduce((sum, text) => sum + tokens(text), 0),
    output: covers(output, answer.length) ? output : tokens(answer),
    cacheRead: 0,
    cacheWrite: 0,
    estimated: true,
  };
}

/** What it cost in US dollars as decimal text; null when the model's prices are not known. */
export function priceOf(models: Models, usage: Usage, model: Model): string | null {
  const { prices } = model.metadata;
  if (!prices) return null;
  // What has no price of its own costs as any other token of the prompt.
  const read = prices.cache_read === undefined ? 0 : usage.cacheRead;
  const write = prices.cache_write === undefined ? 0 : usage.cacheWrite;
  const input = Math.max(0, (usage.input ?? 0) - read - write);
  return models.costOf(
    { input, output: usage.output, cache_read: read, cache_write: write },
    model,
  );
}
