import type { AiSettings } from '../../../contracts/ai.ts';
import { TurnkeepError, toTurnkeepError } from '../../../contracts/errors.ts';
import type { Model } from '../../../contracts/models.ts';
import type { KnownModels } from '../providers/known.ts';
import { modelFor } from '../providers/target.ts';
import type { Deadline } from './deadline.ts';
import { CallFault } from './faults.ts';
import type { Attempt } from './run.ts';

type Asked = { model?: string | undefined; fallbacks?: string[] | undefined };

/**
 * The model that is asked, and the names of those that are when it fails, in order.
 * @throws TurnkeepError `no_model`, `not_found`.
 */
export async function chainOf(
  models: KnownModels,
  { model: given, fallbacks }: Asked,
  settings: AiSettings,
  byDefault: string | null,
): Promise<(Model | string)[]> {
  const model = await modelFor(models, given ?? byDefault);
  if (fallbacks) return [model, ...fallbacks];
  const { model_id, model_name, aliases } = model;
  const names = [given ?? '', model_id, model_name, ...aliases, '*'];
  const key = names.find((name) => Object.hasOwn(settings.fallbacks, name)) ?? '';
  const set = settings.fallbacks[key];
  return [model, ...(set ?? [])];
}

/**
 * Asks one model after the other until one answers. `ask` gives what it tells as it comes; a model
 * that has begun to tell is not replaced by another one any more.
 * @param begun whether something of this was told already
 * @throws TurnkeepError of the first model, with what became of the others.
 */
export async function* untilOneAnswers<E>(
  chain: readonly (Model | string)[],
  attempts: Attempt[],
  deadline: Deadline,
  ask: (model: Model | string) => AsyncIterable<E>,
  begun: (event: E) => boolean,
): AsyncGenerator<E> {
  let first: TurnkeepError | undefined;
  for (const model of chain) {
    let hasBegun = false;
    try {
      for await (const event of ask(model)) {
        hasBegun ||= begun(event);
        yield event;
      }
      return;
    } catch (thrown) {
      const error = thrown instanceof CallFault ? thrown.fault.error : thrown;
      if (!(error instanceof TurnkeepError)) throw error;
      if (error === thrown) {
        const model_id = typeof model === 'string' ? model : model.model_id;
        attempts.push({ model_id, error_kind: error.code });
      }
      if (hasBegun || deadline.signal.aborted) throw error;
      first ??= error;
    }
  }
  throw withOthers(toTurnkeepError(first), chain.length, attempts);
}

/** The same for answers that come as a whole. */
export async function firstAnswer<E>(
  chain: readonly (Model | string)[],
  attempts: Attempt[],
  deadline: Deadline,
  ask: (model: Model | string) => Promise<E>,
): Promise<E> {
  const told = async function* (model: Model | string): AsyncGenerator<E> {
    yield await ask(model);
  };
  for await (const answer of untilOneAnswers(chain, attempts, deadline, told, () => false)) {
    return answer;
  }
  throw new TurnkeepError('internal_error', 'No model was asked.');
}

function withOthers(first: TurnkeepError, asked: number, attempts: Attempt[]): TurnkeepError {
  if (asked < 2) return first;
  // Each model once, with what its last attempt ended with; the message is of the first of them.
  const [, ...others] = new Map(attempts.map((one) => [one.model_id, one.error_kind]));
  const list = others.map(([model_id, error_kind]) => `${model_id} (${error_kind})`);
  const end = /[.!?]$/.test(first.message) ? '' : '.';
  const text = `${first.message}${end} No fallback answered either: ${list.join(', ')}.`;
  const { retryAfter, fields } = first;
  return new TurnkeepError(first.code, text, {
    cause: first,
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(fields === undefined ? {} : { fields }),
  });
}
