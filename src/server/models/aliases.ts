import { TurnkeepError } from '../../contracts/errors.ts';
import type { ModelAlias } from '../../contracts/modelEndpoints.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import { note } from './events.ts';
import { modelById, resolveModel } from './finding.ts';

/** The aliases by name. */
export function listAliases(database: Database): Promise<ModelAlias[]> {
  return database.read
    .selectFrom('model_aliases')
    .select(['alias', 'model_id', 'updated_at'])
    .orderBy('alias')
    .execute();
}

/**
 * Gives a model an alias in a write; a model that had it loses it.
 * @returns whether the alias is new, changed, or as it was
 * @throws TurnkeepError `conflict` when a model has that word as its id: the id would win.
 */
export async function putAlias(
  tx: WriteTransaction,
  alias: string,
  model_id: string,
  at: string,
): Promise<'new' | 'changed' | 'same'> {
  const named = await modelById(tx.read, alias);
  if (named) {
    throw new TurnkeepError('conflict', `A model has the id "${alias}": choose another alias.`);
  }
  const before = await tx.read
    .selectFrom('model_aliases')
    .select('model_id')
    .where('alias', '=', alias)
    .executeTakeFirst();
  if (before?.model_id === model_id) return 'same';
  if (before) {
    await tx.update('model_aliases', { alias }, { model_id, updated_at: at });
    const detail = { alias, moved_to: model_id };
    await note(tx, { model_id: before.model_id, kind: 'alias_removed', at, detail });
  } else {
    await tx.insert('model_aliases', [{ alias, model_id, updated_at: at }]);
  }
  await note(tx, { model_id, kind: 'alias', at, detail: { alias } });
  return before ? 'changed' : 'new';
}

/**
 * Gives the model that is meant an alias.
 * @throws TurnkeepError `not_found` for the model, or as {@link putAlias}.
 */
export function setAlias(
  database: Database,
  alias: string,
  model: string,
): Promise<{ set: ModelAlias; isNew: boolean }> {
  return database.write(async (tx) => {
    const { model_id } = await resolveModel(tx.read, model);
    const done = await putAlias(tx, alias, model_id, new Date().toISOString());
    const set = await tx.read
      .selectFrom('model_aliases')
      .select(['alias', 'model_id', 'updated_at'])
      .where('alias', '=', alias)
      .executeTakeFirstOrThrow();
    return { set, isNew: done === 'new' };
  });
}

/** Takes an alias away; false when there was none. */
export function deleteAlias(database: Database, alias: string): Promise<boolean> {
  return database.write(async (tx) => {
    const before = await tx.read
      .selectFrom('model_aliases')
      .select('model_id')
      .where('alias', '=', alias)
      .executeTakeFirst();
    if (!before) return false;
    await tx.delete('model_aliases', 'alias', [alias]);
    const { model_id } = before;
    const at = new Date().toISOString();
    await note(tx, { model_id, kind: 'alias_removed', at, detail: { alias } });
    return true;
  });
}
