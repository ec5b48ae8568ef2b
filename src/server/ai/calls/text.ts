import type { TextEvent } from '../../../contracts/ai.ts';
import type { Model } from '../../../contracts/models.ts';
import { languageModelFor } from '../providers/instances.ts';
import { answerCheck } from '../requests/answerSchema.ts';
import type { TextRequest } from '../requests/textRequest.ts';
import { chainOf, untilOneAnswers } from './chain.ts';
import { Deadline } from './deadline.ts';
import type { CallParts } from './parts.ts';
import { prepare } from './prepare.ts';
import { retrying } from './retrying.ts';
import type { Attempt } from './run.ts';
import { TextAnswerCall } from './textAnswer.ts';

/** The checks before the call are behind: from here on it takes as long as the model does. */
export type Ready = { type: 'ready' };
export type TextOptions = {
  signal: AbortSignal;
  streamed: boolean;
  /** Without retries, and without regard to the circuit: as a test asks. */
  once?: boolean;
};

/**
 * Asks models for a text: the one that is named, then its fallbacks. The first event is `ready`; what
 * is wrong before a model is called is thrown in its place.
 * @throws TurnkeepError `no_model`, `not_found`, `refused`, `invalid_request`, `prompt_too_long`,
 *   `spending_limit`, `model_failed`, `model_unavailable`, `rate_limited`, `timed_out`, `cancelled`.
 */
export async function* askForText(
  parts: CallParts,
  request: TextRequest,
  { signal, streamed, once = false }: TextOptions,
): AsyncGenerator<Ready | TextEvent> {
  const check = request.schema && answerCheck(request.schema);
  const settings = await parts.settings.current();
  const chain = await chainOf(parts.known, request, settings, settings.default_model);
  const began = performance.now();
  const deadline = new Deadline(signal, request.timeout_ms ?? settings.timeout_ms, 'The call');
  const attempts: Attempt[] = [];
  let isReady = false;
  const ask = async function* (model: Model | string): AsyncGenerator<Ready | TextEvent> {
    const prepared = await prepare(parts, model, request, check, settings);
    const { connection, reservation } = prepared;
    let answer: TextAnswerCall | undefined;
    try {
      if (!isReady) yield { type: 'ready' };
      isReady = true;
      const languageModel = await languageModelFor(prepared.target);
      const how = { began, deadline, attempts, streamed, languageModel };
      const begin = () => TextAnswerCall.begin(parts, prepared, how);
      const work = once ? begin : () => parts.breakers.through(connection.connection_id, begin);
      const retries = once ? 0 : (connection.settings.retries ?? settings.retries);
      answer = await retrying(work, retries, deadline);
    } finally {
      // Nothing was said, or nobody has waited for it: nothing was spent.
      if (!answer && reservation) parts.spending.settle(reservation, '0');
    }
    yield* answer.events();
  };
  const begun = ({ type }: Ready | TextEvent) => type === 'text' || type === 'reasoning';
  try {
    yield* untilOneAnswers(chain, attempts, deadline, ask, begun);
  } finally {
    deadline.end();
  }
}
