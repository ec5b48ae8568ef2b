import type { ModelMetadata, ModelType } from '../../../contracts/models.ts';

/** A model as a provider lists it. */
export type FoundModel = {
  model_name: string;
  model_type: ModelType;
  provider: string;
  version?: string | undefined;
  metadata: ModelMetadata;
};

/** Where a list of models is asked for, and as whom. */
export type Place = {
  /** Without a slash at its end. */
  address: string;
  headers: Record<string, string>;
  key: string | undefined;
  signal: AbortSignal;
};

/** Lists the models at a place. Throws an `Error` for people: what is wrong there. */
export type ListModels = (place: Place) => Promise<Omit<FoundModel, 'provider'>[]>;

const NAMES: readonly (readonly [RegExp, ModelType])[] = [
  [/embed|^bge-|^(gte|e5)-/, 'embedding'],
  [/rerank/, 'reranking'],
  [/whisper|transcribe/, 'transcription'],
  [/\btts\b/, 'speech'],
  [/dall-e|-image\b|stable-diffusion|flux/, 'image'],
  [/moderation/, 'classification'],
];

/** The type of a model where the provider tells none, by its name. */
export function guessType(name: string): ModelType {
  const lower = name.toLowerCase();
  return NAMES.find(([pattern]) => pattern.test(lower))?.[1] ?? 'llm';
}

/** A number of tokens as it may be stored; undefined for what is none. */
export function tokens(value: number | null | undefined): number | undefined {
  return value !== null && value !== undefined && Number.isSafeInteger(value) && value > 0
    ? value
    : undefined;
}

/** The fields that have a value. */
export function known<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> };
}
