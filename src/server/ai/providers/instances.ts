import { loadSdk } from './load.ts';
import type { EmbeddingModel, LanguageModel, Target } from './sdk.ts';

/** Making one takes longer than a call through it: it builds the schemas of all that may come. */
const KEPT = 100;

const languageModels = new Map<string, LanguageModel>();
const embeddingModels = new Map<string, EmbeddingModel | undefined>();

function kept<M>(known: Map<string, M>, target: Target, make: () => M): M {
  const { kind, address, name, key, headers } = target;
  const id = JSON.stringify([kind, address, name, key, headers]);
  const before = known.get(id);
  if (before !== undefined) return before;
  if (known.size >= KEPT) known.clear();
  const made = make();
  known.set(id, made);
  return made;
}

/** The AI SDK's model for a target that writes. */
export async function languageModelFor(target: Target): Promise<LanguageModel> {
  const sdk = await loadSdk();
  return kept(languageModels, target, () => sdk.languageModel(target));
}

/** The AI SDK's model for a target that makes vectors; undefined where the provider has none. */
export async function embeddingModelFor(target: Target): Promise<EmbeddingModel | undefined> {
  const sdk = await loadSdk();
  return kept(embeddingModels, target, () => sdk.embeddingModel(target));
}
