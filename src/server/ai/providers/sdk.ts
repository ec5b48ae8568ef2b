import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { ConnectionKind } from '../../../contracts/models.ts';

/*
 * The AI SDK, in a bundle of its own that is loaded with the first call. Its models are used as they
 * are: retries, limits and fallbacks are ours.
 */

/** Where a model is called. */
export type Target = {
  kind: ConnectionKind;
  /** With the version in its path, without a slash at its end. */
  address: string;
  /** Name of the model at the provider. */
  name: string;
  key: string | undefined;
  headers: Record<string, string>;
  fetch: typeof fetch;
};

type Compatible = ReturnType<typeof createOpenAICompatible>;
export type LanguageModel = ReturnType<Compatible['chatModel']>;
export type EmbeddingModel = ReturnType<Compatible['embeddingModel']>;

/** Settings of a provider. A key that is absent is empty: otherwise the environment's is taken. */
function settingsOf({ address, key = '', headers, fetch }: Target) {
  return { baseURL: address, apiKey: key, headers, fetch };
}

function compatible(target: Target): Compatible {
  return createOpenAICompatible({
    ...settingsOf(target),
    name: 'compatible',
    includeUsage: true,
    supportsStructuredOutputs: true,
  });
}

/** A model that writes. */
export function languageModel(target: Target): LanguageModel {
  if (target.kind === 'anthropic') return createAnthropic(settingsOf(target))(target.name);
  if (target.kind === 'openai') return createOpenAI(settingsOf(target))(target.name);
  return compatible(target).chatModel(target.name);
}

/** A model that makes vectors; undefined where the provider has none. */
export function embeddingModel(target: Target): EmbeddingModel | undefined {
  if (target.kind === 'anthropic') return undefined;
  if (target.kind === 'openai') return createOpenAI(settingsOf(target)).embedding(target.name);
  return compatible(target).embeddingModel(target.name);
}
