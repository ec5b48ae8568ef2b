import { sql } from 'kysely';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Model } from '../../contracts/models.ts';
import { nearest } from './nearest.ts';
import { modelOf, modelRows, type Read } from './rows.ts';

type ByName = {
  name: string;
  version?: string | undefined;
  provider?: string | undefined;
  /** Those out of use as well. */
  inactive?: boolean | undefined;
};

/** An entry by its id alone; undefined when there is none. */
export async function modelById(read: Read, model_id: string): Promise<Model | undefined> {
  const row = await modelRows(read).where('m.model_id', '=', model_id).executeTakeFirst();
  return row && modelOf(row);
}

/** An entry by id or alias, one statement: the id goes before. */
async function byIdOrAlias(read: Read, name: string): Promise<Model | undefined> {
  const row = await modelRows(read)
    .where(
      sql<boolean>`m.model_id in (${name},
        (select a.model_id from model_aliases a where a.alias = ${name}))`,
    )
    .orderBy(sql`m.model_id = ${name}`, 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && modelOf(row);
}

/** The newest entry of a name; those in use go before those that are not. */
export async function modelByName(
  read: Read,
  { name, version, provider, inactive = false }: ByName,
): Promise<Model | undefined> {
  let query = modelRows(read).where('m.model_name', '=', name);
  if (version !== undefined) query = query.where('m.version', '=', version);
  if (provider !== undefined) query = query.where('m.provider', '=', provider);
  if (!inactive) query = query.where('m.is_active', '=', true);
  const row = await query
    .orderBy('m.is_active', 'desc')
    .orderBy('m.created_at', 'desc')
    .orderBy('m.model_id')
    .limit(1)
    .executeTakeFirst();
  return row && modelOf(row);
}

/**
 * The entry that is meant by an id, an alias, a name (its newest version in use) or `name@version`.
 * @param inactive names may mean entries that are out of use; ids and aliases always do
 * @throws TurnkeepError `not_found`, with the nearest names.
 */
export async function resolveModel(read: Read, given: string, inactive = false): Promise<Model> {
  const at = given.lastIndexOf('@');
  const found =
    (await byIdOrAlias(read, given)) ??
    (await modelByName(read, { name: given, inactive })) ??
    (at > 0
      ? await modelByName(read, {
          name: given.slice(0, at),
          version: given.slice(at + 1),
          inactive,
        })
      : undefined);
  if (found) return found;
  throw await notFound(read, given);
}

/** The error for a model that is not there. */
export async function notFound(read: Read, given: string): Promise<TurnkeepError> {
  const off = await modelByName(read, { name: given, inactive: true });
  if (off) {
    return new TurnkeepError(
      'not_found',
      `No version of "${given}" is in use; ${off.model_id} is there and deactivated. Activate it: turnkeep models activate ${off.model_id}`,
    );
  }
  const [models, aliases] = await Promise.all([
    read.selectFrom('models').select(['model_id', 'model_name']).limit(5000).execute(),
    read.selectFrom('model_aliases').select('alias').limit(5000).execute(),
  ]);
  const names = [
    ...aliases.map(({ alias }) => alias),
    ...models.flatMap(({ model_id, model_name }) => [model_name, model_id]),
  ];
  const near = nearest(given, names);
  const hint =
    near.length > 0
      ? `Do you mean ${near.join(', ')}?`
      : names.length > 0
        ? '`turnkeep models list` shows those that there are.'
        : 'None is known yet: add one with `turnkeep models add`, or connect a provider with `turnkeep models connect`.';
  return new TurnkeepError('not_found', `There is no model "${given}". ${hint}`);
}
