import { sql } from 'kysely';
import { z } from 'zod';
import type { Model, ModelType } from '../../contracts/models.ts';
import { decodeCursor, encodeCursor } from '../platform/cursor.ts';
import { modelOf, modelRows, type Read } from './rows.ts';

export type ModelFilter = {
  type?: ModelType | undefined;
  provider?: string | undefined;
  tag?: string | undefined;
  connection_id?: string | undefined;
  active?: boolean | undefined;
  q?: string | undefined;
};
type Page = { limit?: number | undefined; cursor?: string | undefined };

const place = z.object({ model_id: z.string().max(300) });

/** Entries that match, without order and pages. */
export function matching(
  read: Read,
  { type, provider, tag, connection_id, active, q }: ModelFilter,
) {
  let query = modelRows(read);
  if (type !== undefined) query = query.where('m.model_type', '=', type);
  if (provider !== undefined) query = query.where('m.provider', '=', provider);
  if (connection_id !== undefined) query = query.where('m.connection_id', '=', connection_id);
  if (active !== undefined) query = query.where('m.is_active', '=', active);
  if (tag !== undefined) {
    query = query.where(
      sql<boolean>`exists (select 1 from json_array_elements_text(m.tags) as t(tag)
        where t.tag = ${tag})`,
    );
  }
  if (q !== undefined) {
    const part = q.toLowerCase();
    query = query.where(
      sql<boolean>`(strpos(lower(m.model_id), ${part}) > 0 or strpos(lower(m.model_name), ${part}) > 0
        or exists (select 1 from model_aliases a
          where a.model_id = m.model_id and strpos(a.alias, ${part}) > 0))`,
    );
  }
  return query;
}

/** Entries that match by id, by pages. */
export async function listModels(
  read: Read,
  { limit = 50, cursor, ...filter }: ModelFilter & Page,
): Promise<{ models: Model[]; next_cursor: string | null }> {
  const from = decodeCursor(place, cursor);
  let query = matching(read, filter);
  if (from) query = query.where('m.model_id', '>', from.model_id);
  const rows = await query
    .orderBy('m.model_id')
    .limit(limit + 1)
    .execute();
  const models = rows.slice(0, limit).map(modelOf);
  const last = rows.length > limit ? models.at(-1) : undefined;
  return { models, next_cursor: last ? encodeCursor({ model_id: last.model_id }) : null };
}
