import { TurnkeepError } from '../../../contracts/errors.ts';
import type { Connection } from '../../../contracts/modelConnections.ts';
import type { Model } from '../../../contracts/models.ts';
import type { Models } from '../../models/service.ts';
import { providerFetch } from './fetching.ts';
import type { KnownModels } from './known.ts';
import type { Target } from './sdk.ts';

/** A model that can be called, and where. */
export type Callable = { model: Model; connection: Connection; target: Target };

/** Who is called, for the errors. */
export function calleeOf({ model, connection, target }: Callable) {
  const name = `${model.model_id} (connection "${connection.connection_id}")`;
  return { name, key: target.key };
}

/**
 * Where calls of a connection go: Ollama and LM Studio are known by their root, below which they
 * speak as OpenAI does.
 */
export function callAddress(models: Models, connection: Connection): string {
  const address = models.addressOf(connection);
  if (address === null || connection.kind === 'vscode') {
    throw new TurnkeepError(
      'no_model',
      `Models of the connection "${connection.connection_id}" are called in the editor alone: use "Turnkeep: Test Model" there.`,
    );
  }
  const isRoot = connection.kind === 'ollama' || connection.kind === 'lmstudio';
  return isRoot && !/\/v\d+$/.test(address) ? `${address}/v1` : address;
}

/**
 * What is needed to call a model.
 * @throws TurnkeepError `no_model` when it is out of use or nobody knows where to call it, `refused`
 *   when its key is not there.
 */
export async function callableOf(
  { models, known }: { models: Models; known: KnownModels },
  model: Model,
): Promise<Callable> {
  const { model_id, connection_id } = model;
  if (!model.is_active) {
    throw new TurnkeepError(
      'no_model',
      `${model_id} is deactivated. Activate it with "turnkeep models activate ${model_id}", or name another.`,
    );
  }
  if (connection_id === null) {
    throw new TurnkeepError(
      'no_model',
      `${model_id} is known, but not where it is called. Set its provider up with "turnkeep models connect", then "turnkeep models discover".`,
    );
  }
  const connection = await known.connection(connection_id);
  if (!connection.enabled) {
    throw new TurnkeepError(
      'no_model',
      `The connection "${connection_id}" of ${model_id} is switched off. Enable it, or name another model.`,
    );
  }
  const target: Target = {
    kind: connection.kind,
    address: callAddress(models, connection),
    name: model.model_name,
    key: models.keyOf(connection),
    headers: connection.settings.headers ?? {},
    fetch: providerFetch,
  };
  return { model, connection, target };
}

/**
 * The model that a call means.
 * @param given by the caller, else of the settings
 * @throws TurnkeepError `no_model` when neither names one, with how to add one; `not_found`.
 */
export async function modelFor(
  models: KnownModels,
  given: string | null | undefined,
): Promise<Model> {
  if (given !== null && given !== undefined) return models.resolve(given);
  throw new TurnkeepError(
    'no_model',
    'No model is named and none is set as the default. Set a provider up with "turnkeep models connect" (Ollama or LM Studio on this machine, OpenAI, Anthropic, or any address that speaks as OpenAI does), then name the model, or set it with "turnkeep ai settings --default-model NAME".',
  );
}
