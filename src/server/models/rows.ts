import { sql } from 'kysely';
import type { Model } from '../../contracts/models.ts';
import type { Database, WriteTransaction } from '../database/database.ts';

/** Reads inside and outside of a write. */
export type Read = Database['read'] | WriteTransaction['read'];

/** Version of an entry when nobody tells one: what the name stands for at the moment. */
export const CURRENT_VERSION = 'current';

/** Entries of the registry with their aliases and what replaces them. */
export function modelRows(read: Read) {
  // Gathered once for all: looked up for each of 500 entries they take five times as long.
  const aliases = read
    .selectFrom('model_aliases as a')
    .select(['a.model_id', sql<string[]>`array_agg(a.alias order by a.alias)`.as('aliases')])
    .groupBy('a.model_id')
    .as('named');
  const later = read
    .selectFrom('models as r')
    .select([
      'r.replaces as model_id',
      sql<string[]>`array_agg(r.model_id order by r.created_at, r.model_id)`.as('replaced_by'),
    ])
    .where('r.replaces', 'is not', null)
    .groupBy('r.replaces')
    .as('later');
  return read
    .selectFrom('models as m')
    .leftJoin(aliases, 'named.model_id', 'm.model_id')
    .leftJoin(later, 'later.model_id', 'm.model_id')
    .select(['m.model_id', 'm.model_name', 'm.model_type', 'm.provider', 'm.version'])
    .select(['m.parameters', 'm.performance_metrics', 'm.metadata', 'm.tags', 'm.source'])
    .select(['m.connection_id', 'm.replaces', 'm.is_active', 'm.created_at', 'm.updated_at'])
    .select([
      sql<string[]>`coalesce(named.aliases, '{}')`.as('aliases'),
      sql<string[]>`coalesce(later.replaced_by, '{}')`.as('replaced_by'),
    ]);
}

/** A row of {@link modelRows} as the contract has it. */
export function modelOf(
  row: Awaited<ReturnType<ReturnType<typeof modelRows>['execute']>>[number],
): Model {
  const model_type = row.model_type as Model['model_type'];
  return { ...row, model_type, source: row.source as Model['source'] };
}

/** The id of an entry for which nobody gave one: `provider/name`, and `@version` if it has one. */
export function defaultModelId(model: {
  provider: string;
  model_name: string;
  version?: string | undefined;
}): string {
  const { provider, model_name, version = CURRENT_VERSION } = model;
  return `${provider}/${model_name}${version === CURRENT_VERSION ? '' : `@${version}`}`;
}
