import { z } from 'zod';
import { type ModelMetadata, modelMetadataSchema, moneySchema } from '../../../contracts/models.ts';
import { askJson, withBearer } from './request.ts';
import { guessType, known, type ListModels, tokens } from './source.ts';

const number = z.number().nullish().catch(null);
const text = z.string().nullish().catch(null);
const texts = z.array(z.string()).nullish().catch(null);

/* What OpenAI's list has is the id; the rest are names that others give more under. */
const modelSchema = z.object({
  id: z.string(),
  context_length: number,
  context_window: number,
  max_model_len: number,
  max_context_length: number,
  max_completion_tokens: number,
  max_output_tokens: number,
  top_provider: z.object({ max_completion_tokens: number }).nullish().catch(null),
  pricing: z
    .object({ prompt: text, completion: text, input_cache_read: text, input_cache_write: text })
    .nullish()
    .catch(null),
  architecture: z
    .object({ input_modalities: texts, output_modalities: texts })
    .nullish()
    .catch(null),
  deprecation: text,
  deprecation_date: text,
  expiration_date: text,
});
type Listed = z.output<typeof modelSchema>;
const models = z.array(modelSchema);
const listSchema = z.union([z.object({ data: models }).transform(({ data }) => data), models]);

/** Models of an address that speaks OpenAI's protocol. */
export const openAiCompatible: ListModels = async (given) => {
  const listed = await askJson(withBearer(given), '/models', listSchema);
  return listed.map((model) => ({
    model_name: model.id,
    model_type: guessType(model.id),
    metadata: metadataOf(model),
  }));
};

function metadataOf(model: Listed): ModelMetadata {
  const { context_length, context_window, max_model_len, max_context_length } = model;
  const { max_completion_tokens, max_output_tokens, top_provider, architecture } = model;
  const metadata = known({
    context_window: tokens(context_length ?? context_window ?? max_model_len ?? max_context_length),
    max_output_tokens: tokens(
      top_provider?.max_completion_tokens ?? max_completion_tokens ?? max_output_tokens,
    ),
    input_modalities: architecture?.input_modalities ?? undefined,
    output_modalities: architecture?.output_modalities ?? undefined,
    prices: pricesOf(model.pricing),
    deprecated_on: dateOf(model.deprecation ?? model.deprecation_date ?? model.expiration_date),
  });
  // What a provider makes up beyond what the registry can hold is left out, the model is not.
  const parsed = modelMetadataSchema.safeParse(metadata);
  return parsed.success ? parsed.data : known({ context_window: metadata.context_window });
}

/** Prices by token, as OpenRouter gives them. Others count by the million, in numbers: not guessed. */
function pricesOf(pricing: Listed['pricing']): ModelMetadata['prices'] {
  const prices = known({
    input: money(pricing?.prompt),
    output: money(pricing?.completion),
    cache_read: money(pricing?.input_cache_read),
    cache_write: money(pricing?.input_cache_write),
  });
  return Object.keys(prices).length > 0 ? prices : undefined;
}

function money(given: string | null | undefined): string | undefined {
  return moneySchema.safeParse(given).data;
}

function dateOf(given: string | null | undefined): string | undefined {
  return z.iso.date().safeParse(given?.slice(0, 10)).data;
}
