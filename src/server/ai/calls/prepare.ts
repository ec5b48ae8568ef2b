import type { AiSettings } from '../../../contracts/ai.ts';
import { TurnkeepError } from '../../../contracts/errors.ts';
import type { Model } from '../../../contracts/models.ts';
import { type Callable, callableOf } from '../providers/target.ts';
import type { AnswerCheck } from '../requests/answerSchema.ts';
import type { ChatMessage, TextRequest } from '../requests/textRequest.ts';
import { mostOf } from '../spending/budget.ts';
import type { Reservation } from '../spending/spending.ts';
import { fitting } from './limits.ts';
import { messagesFor, withDefaults } from './options.ts';
import type { CallParts } from './parts.ts';

/** What one model is asked, once it is known that it can be. */
export type Prepared = Callable & {
  request: TextRequest;
  messages: ChatMessage[];
  check: AnswerCheck | undefined;
  maxOutputTokens: number | undefined;
  reservation: Reservation | undefined;
};

/**
 * Reserves what a call may cost; nothing without a limit, and for what is free.
 * @throws TurnkeepError `spending_limit`.
 */
export async function reserved(
  { models, spending }: CallParts,
  callable: Callable,
  tokens: { input: number; output: number },
  { daily_limit }: AiSettings,
): Promise<Reservation | undefined> {
  if (daily_limit === null) return undefined;
  const most = mostOf(models, callable, tokens);
  return most.gt(0) ? spending.reserve(most, daily_limit) : undefined;
}

/**
 * Looks whether a model can be asked this, and reserves what it may cost.
 * @throws TurnkeepError `no_model`, `not_found`, `refused`, `invalid_request`, `prompt_too_long`,
 *   `spending_limit`.
 */
export async function prepare(
  parts: CallParts,
  name: Model | string,
  given: TextRequest,
  check: AnswerCheck | undefined,
  settings: AiSettings,
): Promise<Prepared> {
  const { models } = parts;
  const model = typeof name === 'string' ? await parts.known.resolve(name) : name;
  if (model.model_type === 'embedding') {
    throw new TurnkeepError('invalid_request', `${model.model_id} makes vectors and no text.`);
  }
  const callable = await callableOf(parts, model);
  const request = withDefaults(given, model);
  const messages = messagesFor(request, callable.connection.kind);
  const texts = messages.map(({ content }) => content);
  const isCounted = settings.daily_limit !== null && !models.isLocal(callable.target.address);
  const limits = await fitting(model, texts, request.max_output_tokens, isCounted);
  const reservation = await reserved(parts, callable, limits, settings);
  // What was reserved for is what may be written.
  const maxOutputTokens = reservation ? limits.output : request.max_output_tokens;
  return { ...callable, request, messages, check, maxOutputTokens, reservation };
}
