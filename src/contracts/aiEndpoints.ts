import { z } from 'zod';
import {
  aiSettingsOutput,
  aiSettingsSchema,
  analyzeInput,
  callFields,
  chatInput,
  classifyAnswerSchema,
  classifyInput,
  codeAnswerSchema,
  codeEventSchema,
  codeInput,
  connectionHealthSchema,
  embedAnswerSchema,
  embedInput,
  generateInput,
  modelTestSchema,
  textAnswerSchema,
  textEventSchema,
} from './ai.ts';
import { endpoint, eventEndpoint } from './endpoint.ts';
import { MAX_MESSAGE_BYTES } from './limits.ts';
import { modelIdSchema } from './models.ts';

const tag = 'AI';
const call = { method: 'POST', tag, permission: 'ai:call' } as const;
/** A call has a time of its own, which `timeout_ms` says: this is beyond it. */
const limits = { timeoutMs: 660_000, maxBodyBytes: MAX_MESSAGE_BYTES };
const streamed =
  'Server-sent events: `start` names the model, `reasoning` and `text` are pieces, `done` is the answer as a whole. A stream that fails ends with an event `error`; one that ends without `done` was cut off.';

/** Calls of models, and what is set for them. Before `modelEndpoints`, which takes any name in a path. */
export const aiEndpoints = {
  generate: endpoint({
    ...{ ...call, ...limits, path: '/api/v1/ai/generate' },
    summary: 'A text for a prompt',
    body: generateInput,
    output: textAnswerSchema,
    examples: [{ summary: 'With an alias', input: { model: 'fast', prompt: 'Say hello.' } }],
  }),
  generateStream: eventEndpoint({
    ...{ ...call, ...limits, path: '/api/v1/ai/generate/stream' },
    summary: 'A text for a prompt, as it is written',
    description: streamed,
    body: generateInput,
    output: textEventSchema,
  }),
  chat: endpoint({
    ...{ ...call, ...limits, path: '/api/v1/ai/chat' },
    summary: 'What comes next in a conversation',
    body: chatInput,
    output: textAnswerSchema,
    examples: [
      {
        summary: 'A question',
        input: { model: 'fast', messages: [{ role: 'user', content: 'What is a mutex?' }] },
      },
    ],
  }),
  chatStream: eventEndpoint({
    ...{ ...call, ...limits, path: '/api/v1/ai/chat/stream' },
    summary: 'What comes next in a conversation, as it is written',
    description: streamed,
    body: chatInput,
    output: textEventSchema,
  }),
  generateCode: endpoint({
    ...{ ...call, ...limits, path: '/api/v1/ai/code' },
    summary: 'Code for an instruction, or code that is changed by it',
    body: codeInput,
    output: codeAnswerSchema,
    examples: [
      {
        summary: 'From nothing',
        input: { instruction: 'Reverse a string.', language: 'TypeScript' },
      },
    ],
  }),
  generateCodeStream: eventEndpoint({
    ...{ ...call, ...limits, path: '/api/v1/ai/code/stream' },
    summary: 'Code for an instruction, as it is written',
    description: streamed,
    body: codeInput,
    output: codeEventSchema,
  }),
  analyze: endpoint({
    ...{ ...call, ...limits, path: '/api/v1/ai/analyze' },
    summary: 'What a content says, or an answer about it',
    body: analyzeInput,
    output: textAnswerSchema,
    examples: [
      {
        summary: 'A log',
        input: { content: 'ECONNREFUSED 127.0.0.1:5432', question: 'What is wrong?' },
      },
    ],
  }),
  analyzeStream: eventEndpoint({
    ...{ ...call, ...limits, path: '/api/v1/ai/analyze/stream' },
    summary: 'What a content says, as it is written',
    description: streamed,
    body: analyzeInput,
    output: textEventSchema,
  }),
  embed: endpoint({
    ...{ ...call, ...limits, path: '/api/v1/ai/embed' },
    summary: 'Vectors of texts, which are alike where the texts mean alike',
    description: 'Sent to the provider in batches of the size that it takes.',
    body: embedInput,
    output: embedAnswerSchema,
  }),
  classify: endpoint({
    ...{ ...call, ...limits, path: '/api/v1/ai/classify' },
    summary: 'Which of some labels a content has',
    body: classifyInput,
    output: classifyAnswerSchema,
    examples: [
      {
        summary: 'One of two',
        input: { content: 'It crashes at start.', labels: ['bug', 'question'] },
      },
    ],
  }),
  getAiSettings: endpoint({
    ...{ method: 'GET', path: '/api/v1/ai/settings', tag },
    summary: 'What is set for calls of models, and what they have cost today',
    permission: 'models:read',
    output: aiSettingsOutput,
  }),
  setAiSettings: endpoint({
    ...{ method: 'PUT', path: '/api/v1/ai/settings', tag },
    summary: 'Set some of it; what is not given stays',
    permission: 'models:write',
    body: aiSettingsSchema.partial(),
    output: aiSettingsOutput,
    use: ['idempotent'],
    examples: [{ summary: 'Two dollars a day', input: { daily_limit: '2' } }],
  }),
  getModelHealth: endpoint({
    ...{ method: 'GET', path: '/api/v1/models/health', tag },
    summary: 'How the connections are',
    permission: 'models:read',
    output: z.object({ connections: z.array(connectionHealthSchema) }),
  }),
  testModel: endpoint({
    ...{ method: 'POST', path: '/api/v1/models/{model_id}/test', tag },
    summary: 'Look whether a model answers, with a real call of a few tokens',
    permission: 'ai:call',
    params: z.strictObject({ model_id: modelIdSchema.describe('Id, alias or name.') }),
    body: z.strictObject({ timeout_ms: callFields.timeout_ms }),
    output: modelTestSchema,
    timeoutMs: limits.timeoutMs,
  }),
};
