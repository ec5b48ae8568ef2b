import type { z } from 'zod';
import type { embedAnswerSchema, embedInput } from '../../../contracts/ai.ts';
import { TurnkeepError } from '../../../contracts/errors.ts';
import type { Model, ModelCall } from '../../../contracts/models.ts';
import { embeddingModelFor } from '../providers/instances.ts';
import { callableOf } from '../providers/target.ts';
import { chainOf, firstAnswer } from './chain.ts';
import { Deadline } from './deadline.ts';
import { fitting, tokensIn } from './limits.ts';
import type { CallParts } from './parts.ts';
import { reserved } from './prepare.ts';
import type { Attempt } from './run.ts';
import { VectorsCall } from './vectorsCall.ts';

export type EmbedAnswer = z.output<typeof embedAnswerSchema>;
export type EmbedInput = z.output<typeof embedInput>;
export type EmbedOptions = {
  signal: AbortSignal;
  origin: ModelCall['origin'];
  /** Without retries, and without regard to the circuit: as a test asks. */
  once?: boolean;
};

/**
 * Vectors of texts from one model, in batches; when it fails, all of them from its fallback.
 * @throws TurnkeepError as `askForText` does.
 */
export async function askForVectors(
  parts: CallParts,
  input: EmbedInput,
  { signal, origin, once = false }: EmbedOptions,
): Promise<EmbedAnswer> {
  const { models } = parts;
  const settings = await parts.settings.current();
  const chain = await chainOf(parts.known, input, settings, settings.default_embedding_model);
  const began = performance.now();
  const deadline = new Deadline(signal, input.timeout_ms ?? settings.timeout_ms, 'The call');
  const attempts: Attempt[] = [];
  const ask = async (name: Model | string): Promise<EmbedAnswer> => {
    const model = typeof name === 'string' ? await parts.known.resolve(name) : name;
    const callable = await callableOf(parts, model);
    const embedder = await embeddingModelFor(callable.target);
    if (!embedder) {
      const text = `${callable.connection.kind} has no models that make vectors.`;
      throw new TurnkeepError('invalid_request', text);
    }
    for (const text of input.texts) await fitting(model, [text], undefined, false);
    const isCounted = settings.daily_limit !== null && !models.isLocal(callable.target.address);
    const tokens = await tokensIn(input.texts, isCounted);
    const reservation = await reserved(parts, callable, { input: tokens, output: 0 }, settings);
    const how = { deadline, attempts, origin, reservation, once, retries: settings.retries };
    const made = await new VectorsCall(parts, callable, embedder, how).of(input);
    const duration_ms = Math.round(performance.now() - began);
    return { ...made, model_id: model.model_id, attempts, duration_ms };
  };
  try {
    return await firstAnswer(chain, attempts, deadline, ask);
  } finally {
    deadline.end();
  }
}
