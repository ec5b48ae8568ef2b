import { z } from 'zod';
import type { ModelMetadata, ModelType } from '../../../contracts/models.ts';
import { askJson, StatusError, withBearer } from './request.ts';
import { guessType, known, type ListModels, type Place, tokens } from './source.ts';

const tagsSchema = z.object({
  models: z.array(
    z.object({
      name: z.string(),
      digest: z.string().optional(),
      details: z.object({ family: z.string().nullish() }).nullish(),
    }),
  ),
});
const showSchema = z.object({
  capabilities: z.array(z.string()).nullish(),
  model_info: z.record(z.string(), z.unknown()).nullish(),
});

type Shown = { model_type: ModelType; metadata: ModelMetadata };
/** Models that are asked about at a time. */
const AT_ONCE = 4;

/** Models of an Ollama: what `/api/show` tells of one is kept while its digest is the same. */
export function ollama(): ListModels {
  const shown = new Map<string, Shown>();
  return async (given) => {
    const place = withBearer(given);
    const { models } = await askJson(place, '/api/tags', tagsSchema);
    const found: Awaited<ReturnType<ListModels>> = [];
    for (let at = 0; at < models.length; at += AT_ONCE) {
      const some = models.slice(at, at + AT_ONCE).map(async ({ name, digest = '', details }) => {
        const key = `${place.address} ${name} ${digest}`;
        const facts = shown.get(key) ?? (await show(place, name));
        shown.set(key, facts);
        const family = details?.family || undefined;
        return {
          // The tag is part of the name, but for the one that goes without saying.
          model_name: name.replace(/:latest$/, ''),
          model_type: facts.model_type,
          metadata: { ...facts.metadata, ...known({ family }) },
        };
      });
      found.push(...(await Promise.all(some)));
    }
    return found;
  };
}

async function show(place: Place, name: string): Promise<Shown> {
  const answer = await askJson(place, '/api/show', showSchema, { model: name }).catch((error) => {
    // Taken away since the list was made.
    if (error instanceof StatusError && error.status === 404) return {};
    throw error;
  });
  const { capabilities, model_info } = { capabilities: null, model_info: null, ...answer };
  const info = Object.entries(model_info ?? {});
  const number = (end: string) => {
    const value = info.find(([key]) => key.endsWith(end))?.[1];
    return typeof value === 'number' ? tokens(value) : undefined;
  };
  const isEmbedding = capabilities?.includes('embedding') ?? guessType(name) === 'embedding';
  const metadata = known({
    context_window: number('.context_length'),
    dimensions: isEmbedding ? number('.embedding_length') : undefined,
    input_modalities: capabilities?.includes('vision') ? ['text', 'image'] : undefined,
  });
  return { model_type: isEmbedding ? 'embedding' : guessType(name), metadata };
}
