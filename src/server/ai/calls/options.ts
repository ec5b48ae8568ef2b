import { z } from 'zod';
import type { ConnectionKind, Model } from '../../../contracts/models.ts';
import { schemaInWords } from '../requests/answerSchema.ts';
import type { ChatMessage, TextRequest } from '../requests/textRequest.ts';
import type { ModelOptions } from './pieces.ts';

/** What a model's `parameters` may say of each of its calls; the rest is for people. */
const defaultsSchema = z.object({
  temperature: z.number().optional().catch(undefined),
  top_p: z.number().optional().catch(undefined),
  max_output_tokens: z.number().int().positive().optional().catch(undefined),
  max_tokens: z.number().int().positive().optional().catch(undefined),
  stop: z.array(z.string()).optional().catch(undefined),
  seed: z.number().int().optional().catch(undefined),
});

/** A request with what the model's entry says where the caller says nothing. */
export function withDefaults(request: TextRequest, { parameters }: Model): TextRequest {
  const { max_tokens, ...own } = defaultsSchema.parse(parameters);
  const given = Object.fromEntries(
    Object.entries(request).filter(([, value]) => value !== undefined),
  ) as TextRequest;
  return { ...own, max_output_tokens: own.max_output_tokens ?? max_tokens, ...given };
}

/** These hold a model to a schema themselves; others may let it write what it likes. */
const HOLDS_SCHEMA: ReadonlySet<ConnectionKind> = new Set<ConnectionKind>(['openai', 'anthropic']);

/** The messages as they are sent. */
export function messagesFor(
  { messages, schema }: TextRequest,
  kind: ConnectionKind,
): ChatMessage[] {
  if (!schema || HOLDS_SCHEMA.has(kind)) return messages;
  const words = schemaInWords(schema);
  const [first, ...rest] = messages;
  if (first?.role !== 'system') return [{ role: 'system', content: words }, ...messages];
  return [{ role: 'system', content: `${first.content}\n\n${words}` }, ...rest];
}

/** The call as the AI SDK takes it. */
export function optionsOf(
  request: TextRequest,
  messages: readonly ChatMessage[],
  maxOutputTokens: number | undefined,
  signal: AbortSignal,
): ModelOptions {
  const { temperature, top_p, stop, seed, schema } = request;
  return {
    prompt: messages.map(({ role, content }) =>
      role === 'system' ? { role, content } : { role, content: [{ type: 'text', text: content }] },
    ),
    abortSignal: signal,
    // What is said is not to be kept by the provider for the sake of a conversation that ends here.
    providerOptions: { openai: { store: false } },
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(top_p === undefined ? {} : { topP: top_p }),
    ...(stop === undefined ? {} : { stopSequences: stop }),
    ...(seed === undefined ? {} : { seed }),
    ...(schema === undefined
      ? {}
      : { responseFormat: { type: 'json' as const, name: 'answer', schema } }),
  };
}
