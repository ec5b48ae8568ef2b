import { z } from 'zod';
import { openAiCompatible } from './openai.ts';
import { askJson, StatusError, withBearer } from './request.ts';
import { guessType, known, type ListModels, tokens } from './source.ts';

const listSchema = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      type: z.string().nullish(),
      arch: z.string().nullish(),
      max_context_length: z.number().nullish(),
    }),
  ),
});

const TYPES: Record<string, 'llm' | 'embedding'> = {
  llm: 'llm',
  vlm: 'llm',
  embeddings: 'embedding',
};

/** Models of LM Studio by its own API, or by OpenAI's where it is too old or too new for that. */
export const lmStudio: ListModels = async (given) => {
  const place = withBearer(given);
  try {
    const { data } = await askJson(place, '/api/v0/models', listSchema);
    return data.map(({ id, type, arch, max_context_length }) => ({
      model_name: id,
      model_type: TYPES[type ?? ''] ?? guessType(id),
      metadata: known({
        context_window: tokens(max_context_length),
        input_modalities: type === 'vlm' ? ['text', 'image'] : undefined,
        family: arch || undefined,
      }),
    }));
  } catch (error) {
    if (!(error instanceof StatusError) || error.status !== 404) throw error;
    return openAiCompatible({ ...place, address: `${place.address}/v1` });
  }
};
