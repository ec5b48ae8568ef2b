import type { TextEvent } from '../../contracts/ai.ts';
import type { aiEndpoints } from '../../contracts/aiEndpoints.ts';
import { requirePermission } from '../auth/service.ts';
import type { EndpointHandlers, ServerEvent } from '../platform/http/endpoint.ts';
import {
  analyzeRequest,
  chatRequest,
  classifyRequest,
  codeIn,
  codeRequest,
  generateRequest,
} from './requests/prompts.ts';
import type { Ai } from './service.ts';

/** Events of an answer as they go over the wire: named by what they are, numbered. */
async function* sent<E extends { type: string }>(
  events: AsyncIterable<TextEvent>,
  as: (event: TextEvent) => E,
): AsyncGenerator<ServerEvent<E>> {
  let number = 0;
  for await (const event of events) {
    number += 1;
    yield { id: String(number), event: event.type, data: as(event) };
  }
}

const asIs = (event: TextEvent) => event;
const withCode = (event: TextEvent) =>
  event.type === 'done' ? { ...event, code: codeIn(event.text) } : event;

/** The endpoints of `/api/v1/ai`, and those that look how models are. */
export function aiHandlers(ai: Ai): Pick<EndpointHandlers, keyof typeof aiEndpoints> {
  return {
    generate: (input, { signal }) => ai.text(generateRequest(input), signal),
    generateStream: async (input, { signal }) =>
      sent(await ai.stream(generateRequest(input), signal), asIs),
    chat: (input, { signal }) => ai.text(chatRequest(input), signal),
    chatStream: async (input, { signal }) =>
      sent(await ai.stream(chatRequest(input), signal), asIs),
    async generateCode(input, { signal }) {
      const answer = await ai.text(codeRequest(input), signal);
      return { ...answer, code: codeIn(answer.text) };
    },
    generateCodeStream: async (input, { signal }) =>
      sent(await ai.stream(codeRequest(input), signal), withCode),
    analyze: (input, { signal }) => ai.text(analyzeRequest(input), signal),
    analyzeStream: async (input, { signal }) =>
      sent(await ai.stream(analyzeRequest(input), signal), asIs),
    embed: (input, { signal }) => ai.embed(input, signal),
    async classify(input, { signal }) {
      const answer = await ai.text(classifyRequest(input), signal);
      const { call_id, model_id, usage, cost, duration_ms, attempts } = answer;
      // The answer was checked against a schema that knows these labels alone.
      const { labels } = answer.object as { labels: string[] };
      return { labels, call_id, model_id, usage, cost, duration_ms, attempts };
    },
    getAiSettings: () => ai.settings(),
    async setAiSettings(input, { principal }) {
      // Stored messages go to that model: who cannot read them cannot send them either.
      if (input.memory_embedding_model) requirePermission(principal, 'memory:read');
      await ai.changeSettings(input);
      return ai.settings();
    },
    getModelHealth: async () => ({ connections: await ai.health() }),
    testModel: ({ model_id, timeout_ms }, { signal }) => ai.test(model_id, { signal, timeout_ms }),
  };
}
