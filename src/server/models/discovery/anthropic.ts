import { z } from 'zod';
import { askJson } from './request.ts';
import { known, type ListModels, type Place, tokens } from './source.ts';

const listSchema = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      max_input_tokens: z.number().nullish(),
      max_tokens: z.number().nullish(),
    }),
  ),
  has_more: z.boolean().nullish(),
  last_id: z.string().nullish(),
});
/** Pages that are asked for at most. */
const MAX_PAGES = 20;

/** Models of an address that speaks Anthropic's protocol. */
export const anthropic: ListModels = async (given) => {
  const headers: Place['headers'] = { 'anthropic-version': '2023-06-01', ...given.headers };
  if (given.key !== undefined) headers['x-api-key'] = given.key;
  const found: Awaited<ReturnType<ListModels>> = [];
  let after: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const from: string = after === null ? '' : `&after_id=${encodeURIComponent(after)}`;
    const answer: z.output<typeof listSchema> = await askJson(
      { ...given, headers },
      `/models?limit=100${from}`,
      listSchema,
    );
    for (const { id, max_input_tokens, max_tokens } of answer.data) {
      const metadata = known({
        context_window: tokens(max_input_tokens),
        max_output_tokens: tokens(max_tokens),
      });
      found.push({ model_name: id, model_type: 'llm', metadata });
    }
    after = answer.last_id ?? null;
    if (answer.has_more !== true || after === null) break;
  }
  return found;
};
