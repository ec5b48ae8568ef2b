import { sql } from 'kysely';
import type { Model } from '../../contracts/models.ts';
import { resolveModel } from './finding.ts';
import { modelOf, modelRows, type Read } from './rows.ts';

/** Steps that are followed at most, each way. */
const MAX_STEPS = 100;

type Way = 'replaces' | 'replaced_by';

/** What a model replaces and what replaces it, over several steps, nearest first. */
export async function lineageOf(read: Read, name: string) {
  const { model_id } = await resolveModel(read, name, true);
  const replaces = await follow(read, model_id, 'replaces');
  const replaced_by = await follow(read, model_id, 'replaced_by');
  return { model_id, replaces, replaced_by };
}

async function follow(read: Read, model_id: string, way: Way): Promise<Model[]> {
  const step =
    way === 'replaces'
      ? sql`select m.replaces, way.steps + 1 from way join models m on m.model_id = way.model_id
          where m.replaces is not null`
      : sql`select m.model_id, way.steps + 1 from way join models m on m.replaces = way.model_id`;
  const found = await sql<{ model_id: string; steps: number }>`
    with recursive way(model_id, steps) as (
      select ${model_id}::text collate "C", 0
      union
      select * from (${step}) as next(model_id, steps) where next.steps <= ${MAX_STEPS}
    )
    select model_id, min(steps)::int as steps from way where steps > 0 group by model_id`.execute(
    read,
  );
  const steps = new Map(found.rows.map((row) => [row.model_id, row.steps]));
  const ids = [...steps.keys()];
  if (ids.length === 0) return [];
  const rows = await modelRows(read).where('m.model_id', 'in', ids).execute();
  const far = (model: Model) => steps.get(model.model_id) ?? 0;
  return rows
    .map(modelOf)
    .sort((a, b) => far(a) - far(b) || a.created_at.localeCompare(b.created_at));
}

/** Every version of a model's name at its provider, newest first. */
export async function versionsOf(read: Read, name: string): Promise<Model[]> {
  const { model_name, provider } = await resolveModel(read, name, true);
  const rows = await modelRows(read)
    .where('m.model_name', '=', model_name)
    .where('m.provider', '=', provider)
    .orderBy('m.created_at', 'desc')
    .orderBy('m.model_id')
    .execute();
  return rows.map(modelOf);
}
