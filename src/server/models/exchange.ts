import { TurnkeepError } from '../../contracts/errors.ts';
import {
  type Imported,
  MODELS_FILE_VERSION,
  type ModelsFile,
} from '../../contracts/modelEndpoints.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import { listAliases, putAlias } from './aliases.ts';
import { listConnections, putConnection } from './connections/store.ts';
import { note } from './events.ts';
import { checkConnection, checkReplaces } from './references.ts';
import { columnsOf, refuseAlias } from './registry.ts';

type FileModel = ModelsFile['models'][number];
type Outcome = 'new' | 'changed' | 'same';

/** The registry as one value: keys, calls, history and what was found out are not in it. */
export async function exportModels(database: Database): Promise<ModelsFile> {
  const rows = await database.read
    .selectFrom('models')
    .select(['model_id', 'model_name', 'model_type', 'provider', 'version', 'parameters'])
    .select(['performance_metrics', 'metadata', 'tags', 'connection_id', 'replaces', 'is_active'])
    .orderBy('model_id')
    .execute();
  const aliases = await listAliases(database);
  const connections = await listConnections(database.read);
  return {
    format_version: MODELS_FILE_VERSION,
    models: rows.map((row) => ({ ...row, model_type: row.model_type as FileModel['model_type'] })),
    aliases: aliases.map(({ alias, model_id }) => ({ alias, model_id })),
    connections: connections.map(
      ({ connection_id, kind, base_url, key_ref, enabled, settings }) => ({
        ...{ connection_id, kind, enabled, settings },
        ...(base_url === null ? {} : { base_url }),
        ...(key_ref === null ? {} : { key_ref }),
      }),
    ),
  };
}

/**
 * Takes in an exported registry, all of it or nothing. What is there and differs is changed; what
 * is not in the file stays.
 * @throws TurnkeepError `invalid_request` for references that lead nowhere, `conflict` for aliases
 *   that are ids.
 */
export function importModels(database: Database, file: ModelsFile): Promise<Imported> {
  return database.write(async (tx) => {
    const at = new Date().toISOString();
    const connections = counter();
    for (const connection of file.connections) connections.add(await putConnection(tx, connection));
    const models = counter();
    for (const model of file.models) models.add(await putModel(tx, model, at));
    for (const { model_id, replaces } of file.models)
      await checkReplaces(tx.read, model_id, replaces);
    const aliases = counter();
    for (const { alias, model_id } of file.aliases) {
      await needModel(tx, model_id, alias);
      aliases.add(await putAlias(tx, alias, model_id, at));
    }
    return {
      models: models.counts,
      aliases: aliases.counts,
      connections: connections.counts,
    };
  });
}

async function putModel(tx: WriteTransaction, model: FileModel, at: string): Promise<Outcome> {
  const { model_id } = model;
  await checkConnection(tx.read, model.connection_id);
  const row = columnsOf(model);
  const before = await storedRow(tx, model_id);
  if (!before) {
    await refuseAlias(tx.read, model_id);
    await tx.insert('models', [
      { model_id, ...row, source: 'import', created_at: at, updated_at: at },
    ]);
    const { model_name, provider, version } = row;
    const detail = { model_name, provider, version, source: 'import' };
    await note(tx, { model_id, kind: 'registered', at, detail });
    return 'new';
  }
  const fields = Object.keys(row) as (keyof typeof row)[];
  const differs = fields.filter((field) => textOf(before[field]) !== textOf(row[field]));
  if (differs.length === 0) return 'same';
  await tx.update('models', { model_id }, { ...row, updated_at: at });
  // As it is stored, not as it was given: the columns are without the secrets of the file.
  const after = await storedRow(tx, model_id);
  const detail = Object.fromEntries(
    differs.map((field) => [field, { from: before[field], to: after?.[field] }]),
  );
  await note(tx, { model_id, kind: 'updated', at, detail: { ...detail, source: 'import' } });
  return 'changed';
}

function storedRow(tx: WriteTransaction, model_id: string) {
  return tx.read
    .selectFrom('models')
    .selectAll()
    .where('model_id', '=', model_id)
    .executeTakeFirst();
}

/** A column's value to compare: JSON columns are read parsed and written as text. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

async function needModel(tx: WriteTransaction, model_id: string, alias: string): Promise<void> {
  const found = await tx.read
    .selectFrom('models')
    .select('model_id')
    .where('model_id', '=', model_id)
    .executeTakeFirst();
  if (found) return;
  throw new TurnkeepError(
    'invalid_request',
    `The alias "${alias}" is for the model ${model_id}, which is neither in the file nor here.`,
    { fields: [{ path: 'aliases', message: 'Its model is missing.' }] },
  );
}

function counter() {
  const counts = { added: 0, updated: 0, unchanged: 0 };
  const names = { new: 'added', changed: 'updated', same: 'unchanged' } as const;
  const add = (outcome: Outcome) => {
    counts[names[outcome]] += 1;
  };
  return { counts, add };
}
