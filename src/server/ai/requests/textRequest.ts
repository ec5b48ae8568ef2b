import type { z } from 'zod';
import type { chatMessageSchema } from '../../../contracts/ai.ts';
import type { ModelCall } from '../../../contracts/models.ts';

export type ChatMessage = z.infer<typeof chatMessageSchema>;

/** What is asked of a model that writes, whichever endpoint it came by. */
export type TextRequest = {
  operation: 'chat' | 'text_completion';
  origin: ModelCall['origin'];
  messages: ChatMessage[];
  model?: string | undefined;
  fallbacks?: string[] | undefined;
  timeout_ms?: number | undefined;
  /** JSON Schema of the answer. */
  schema?: Record<string, unknown> | undefined;
  max_output_tokens?: number | undefined;
  temperature?: number | undefined;
  top_p?: number | undefined;
  stop?: string[] | undefined;
  seed?: number | undefined;
};

/** Fields of an input that go to the model as they are. */
export type HowFields = Omit<TextRequest, 'operation' | 'origin' | 'messages'>;
