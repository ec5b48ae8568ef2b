import type { TextAnswer } from '../../../contracts/ai.ts';
import { MAX_MESSAGE_BYTES } from '../../../contracts/limits.ts';
import type { LanguageModel } from '../providers/sdk.ts';
import { CutOff } from './faults.ts';
import type { ToldUsage } from './usage.ts';

export type ModelOptions = Parameters<LanguageModel['doStream']>[0];
type Result = Awaited<ReturnType<LanguageModel['doGenerate']>>;

/** A piece of an answer; the last one is its end. */
export type Piece =
  | { type: 'text' | 'reasoning'; text: string }
  | {
      type: 'end';
      reason: TextAnswer['finish_reason'];
      usage: ToldUsage;
    };

/** @throws CutOff when the provider left before it was done. */
function reasonOf({ unified }: Result['finishReason']): TextAnswer['finish_reason'] {
  if (unified === 'error' || unified === 'interrupted') throw new CutOff();
  return unified === 'stop' || unified === 'length' || unified === 'content-filter'
    ? unified
    : 'other';
}

function toldBy({ inputTokens, outputTokens }: Result['usage']): ToldUsage {
  const { total, cacheRead, cacheWrite } = inputTokens;
  return { input: total, output: outputTokens.total, cacheRead, cacheWrite };
}

/** An answer that comes as a whole. */
export async function* wholeAnswer(
  model: LanguageModel,
  options: ModelOptions,
): AsyncGenerator<Piece> {
  const { content, finishReason, usage } = await model.doGenerate(options);
  const reason = reasonOf(finishReason);
  for (const part of content) {
    if (part.type === 'text' || part.type === 'reasoning') {
      yield { type: part.type, text: part.text };
    }
  }
  yield { type: 'end', reason, usage: toldBy(usage) };
}

/**
 * An answer as it is written. Leaving the loop ends the call at the provider.
 * @throws what the connection or the AI SDK throws; CutOff when it ends before it is complete.
 */
export async function* streamedAnswer(
  model: LanguageModel,
  options: ModelOptions,
): AsyncGenerator<Piece> {
  const { stream } = await model.doStream(options);
  let length = 0;
  for await (const part of stream) {
    if (part.type === 'text-delta' || part.type === 'reasoning-delta') {
      if (part.delta === '') continue;
      length += part.delta.length;
      if (length > MAX_MESSAGE_BYTES) throw new Error('it writes without an end and was left');
      yield { type: part.type === 'text-delta' ? 'text' : 'reasoning', text: part.delta };
    } else if (part.type === 'error') {
      throw part.error;
    } else if (part.type === 'finish') {
      yield { type: 'end', reason: reasonOf(part.finishReason), usage: toldBy(part.usage) };
      return;
    }
  }
  throw new CutOff();
}
