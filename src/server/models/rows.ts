import { sql } from 'kysely';
import type { Model } from '../../contracts/models.ts';
import type { Database, WriteTransaction } from '../database/database.ts';

/** Reads inside and outside of a write. */
export type Read = Database['read'] | WriteTransaction['read'];

/** Version of an entry when nobody tells one: what the name stands for at the moment. */
export const CURRENT_VERSION = 'current';

/** Entries of the registry with their aliases and what replaces them. */
export function modelRows(read: Read) {
  return read
    .selectFrom('models as m')
    .select(['m.model_id', 'm.model_name', 'm.model_type', 'm.provider', 'm.version'])
    .select(['m.parameters', 'm.performance_metrics', 'm.metadata', 'm.tags', 'm.source'])
    .select(['m.connection_id', 'm.replaces', 'm.is_active', 'm.created_at', 'm.updated_at'])
    .select([
      sql<string[]>`array(select a.alias from model_aliases a
        where a.model_id = m.model_id order by a.alias)`.as('aliases'),
      sql<string[]>`array(select r.model_id from models r
        where r.replaces = m.model_id order by r.created_at, r.model_id)`.as('replaced_by'),
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
