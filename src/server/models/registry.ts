import { TurnkeepError } from '../../contracts/errors.ts';
import type { ModelInput, ModelPatch } from '../../contracts/modelEndpoints.ts';
import type { Model } from '../../contracts/models.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import { protectJson } from '../redaction/service.ts';
import { putAlias } from './aliases.ts';
import { note } from './events.ts';
import { modelById, notFound, resolveModel } from './finding.ts';
import { checkConnection, checkReplaces } from './references.ts';
import { CURRENT_VERSION, defaultModelId, type Read } from './rows.ts';

type Source = Model['source'];
type Write<I> = { database: Database; input: I };

/**
 * Registers a model. One that captured turns alone have told of is taken over.
 * @throws TurnkeepError `conflict` when the id, or the name, provider and version, are there;
 *   `invalid_request` for a connection or a model to replace that is not there.
 */
export function registerModel(
  { database, input }: Write<ModelInput>,
  source: Source,
): Promise<{ model: Model; isNew: boolean }> {
  return database.write(async (tx) => {
    const model_id = input.model_id ?? defaultModelId(input);
    const known = await modelById(tx.read, model_id);
    const isTaken = known !== undefined && isSameName(known, input) && known.source === 'captured';
    if (known && !isTaken) throw isThere(known);
    if (!known) {
      await refuseSecond(tx, model_id, input);
      await refuseAlias(tx.read, model_id);
    }
    await checkConnection(tx.read, input.connection_id);
    await checkReplaces(tx.read, model_id, input.replaces);
    const row = columnsOf(input);
    const at = new Date().toISOString();
    if (known) {
      await tx.update('models', { model_id }, { ...row, source, updated_at: at });
    } else {
      await tx.insert('models', [
        { ...{ model_id, source, created_at: at, updated_at: at }, ...row },
      ]);
    }
    const { model_name, provider, version } = row;
    const metrics = input.performance_metrics;
    const detail = { model_name, provider, version, source, ...(metrics ? { metrics } : {}) };
    await note(tx, { model_id, kind: 'registered', at, detail });
    for (const alias of input.aliases ?? []) await putAlias(tx, alias, model_id, at);
    return { model: await stored(tx, model_id), isNew: !known };
  });
}

/**
 * Changes what is known of a model: a field that is given takes the place of what was there.
 * @throws TurnkeepError `not_found`, `invalid_request` as `registerModel`.
 */
export function updateModel({ database, input }: Write<ModelPatch>, name: string): Promise<Model> {
  return database.write(async (tx) => {
    const before = await resolveModel(tx.read, name, true);
    const { model_id } = before;
    await checkConnection(tx.read, input.connection_id);
    await checkReplaces(tx.read, model_id, input.replaces);
    const { set, changes } = changesOf(before, input);
    if (Object.keys(changes).length === 0) return before;
    const at = new Date().toISOString();
    // What a person says of it is not written over by what its provider tells.
    const isSaid = set.metadata !== undefined || set.model_type !== undefined;
    const row = { ...set, ...(isSaid ? { source: 'manual' } : {}), updated_at: at };
    await tx.update('models', { model_id }, row);
    await note(tx, { model_id, kind: 'updated', at, detail: changes });
    return stored(tx, model_id);
  });
}

/** Takes a model into use or out of it, with the reason in its history. Twice changes nothing. */
export function setActive(
  { database, input }: Write<{ reason?: string | undefined }>,
  name: string,
  is_active: boolean,
): Promise<Model> {
  return database.write(async (tx) => {
    const before = await resolveModel(tx.read, name, true);
    if (before.is_active === is_active) return before;
    const { model_id } = before;
    const at = new Date().toISOString();
    await tx.update('models', { model_id }, { is_active, updated_at: at });
    const kind = is_active ? 'activated' : 'deactivated';
    const reason = input.reason === undefined ? null : redacted(input.reason);
    await note(tx, { model_id, kind, at, detail: { reason } });
    return stored(tx, model_id);
  });
}

const JSON_FIELDS = ['parameters', 'metadata', 'tags'] as const;
const PLAIN_FIELDS = ['model_type', 'connection_id', 'replaces'] as const;

/** Columns to set, and for the history what each field was and is. */
export function changesOf(before: Model, patch: ModelPatch) {
  const set: Record<string, string | null> = {};
  const changes: Record<string, { from: unknown; to: unknown }> = {};
  for (const field of JSON_FIELDS) {
    const to = patch[field] === undefined ? undefined : redacted(patch[field]);
    if (to === undefined || JSON.stringify(to) === JSON.stringify(before[field])) continue;
    set[field] = JSON.stringify(to);
    changes[field] = { from: before[field], to };
  }
  for (const field of PLAIN_FIELDS) {
    const to = patch[field];
    if (to === undefined || to === before[field]) continue;
    set[field] = to;
    changes[field] = { from: before[field], to };
  }
  return { set, changes };
}

/** The columns of an entry that a caller tells of, without its id; secrets are taken out. */
export function columnsOf(input: Omit<ModelInput, 'aliases'>) {
  return {
    model_name: input.model_name,
    model_type: input.model_type ?? 'llm',
    provider: input.provider,
    version: input.version ?? CURRENT_VERSION,
    parameters: JSON.stringify(redacted(input.parameters ?? {})),
    performance_metrics: JSON.stringify(input.performance_metrics ?? {}),
    metadata: JSON.stringify(redacted(input.metadata ?? {})),
    tags: JSON.stringify([...new Set(input.tags)]),
    connection_id: input.connection_id ?? null,
    replaces: input.replaces ?? null,
    is_active: input.is_active ?? true,
  };
}

/** A JSON value without the secrets that it may hold by mistake. */
function redacted<T>(value: T): T {
  return protectJson(value).value as T;
}

async function stored(tx: WriteTransaction, model_id: string): Promise<Model> {
  const model = await modelById(tx.read, model_id);
  if (!model) throw await notFound(tx.read, model_id);
  return model;
}

function isSameName(known: Model, input: ModelInput): boolean {
  const version = input.version ?? CURRENT_VERSION;
  return (
    known.model_name === input.model_name &&
    known.provider === input.provider &&
    known.version === version
  );
}

/** One name, provider and version is one entry; what captured turns told of may be there beside it. */
async function refuseSecond(tx: WriteTransaction, model_id: string, input: ModelInput) {
  const { model_name, provider, version = CURRENT_VERSION } = input;
  const other = await tx.read
    .selectFrom('models')
    .select('model_id')
    .where('provider', '=', provider)
    .where('model_name', '=', model_name)
    .where('version', '=', version)
    .where('source', '!=', 'captured')
    .where('model_id', '!=', model_id)
    .executeTakeFirst();
  if (!other) return;
  throw new TurnkeepError(
    'conflict',
    `${provider} ${model_name} ${version} is registered as ${other.model_id}. Give another version, or change that entry.`,
    { fields: [{ path: 'version', message: 'This version is registered.' }] },
  );
}

/** An id goes before an alias: whoever says the alias would mean another model from then on. */
export async function refuseAlias(read: Read, model_id: string): Promise<void> {
  const named = await read
    .selectFrom('model_aliases')
    .select('model_id')
    .where('alias', '=', model_id)
    .executeTakeFirst();
  if (!named) return;
  throw new TurnkeepError(
    'conflict',
    `"${model_id}" is an alias of ${named.model_id}. Give another id, or take the alias away first.`,
    { fields: [{ path: 'model_id', message: 'This word is an alias.' }] },
  );
}

function isThere({ model_id }: Model): TurnkeepError {
  return new TurnkeepError(
    'conflict',
    `A model ${model_id} is registered. Give another id or version, or change that entry.`,
    { fields: [{ path: 'model_id', message: 'This id is taken.' }] },
  );
}
