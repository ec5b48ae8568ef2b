import type { ListedModel } from '../../contracts/modelTools.ts';
import { type ModelFilter, matching } from './listing.ts';
import { modelOf } from './rows.ts';
import type { Models } from './service.ts';

/** Entries for a reader that says no number. */
const DEFAULT_LIMIT = 100;

type Turns = Pick<ListedModel, 'turn_count' | 'last_used_at'>;
const NO_TURNS: Turns = { turn_count: 0, last_used_at: null };

/**
 * Entries that match with the turns that they answered, last used first. Turns are counted for all
 * who ask: that goes on when one of them leaves by the `signal`.
 */
export async function modelsWithTurns(
  models: Models,
  { limit = DEFAULT_LIMIT, ...filter }: ModelFilter & { limit?: number | undefined },
  signal?: AbortSignal,
): Promise<ListedModel[]> {
  const { read } = models.database.heeding(signal);
  // First: models that turns name get their entries by it.
  const turns = await turnsById(models);
  const rows = await matching(read, filter).orderBy('m.model_id').execute();
  const enabled = await read
    .selectFrom('model_connections')
    .select('connection_id')
    .where('enabled', '=', true)
    .execute();
  const callable = new Set(enabled.map(({ connection_id }) => connection_id));
  const listed = rows.map(modelOf).map(
    (model): ListedModel => ({
      model_id: model.model_id,
      model: model.model_name,
      provider: model.provider,
      version: model.version,
      type: model.model_type,
      is_active: model.is_active,
      callable: model.is_active && callable.has(model.connection_id ?? ''),
      aliases: model.aliases,
      context_window: model.metadata.context_window ?? null,
      ...(turns.get(model.model_id) ?? NO_TURNS),
    }),
  );
  return listed.sort((a, b) => compare(b.last_used_at, a.last_used_at)).slice(0, limit);
}

function compare(a: string | null, b: string | null): number {
  return (a ?? '') < (b ?? '') ? -1 : (a ?? '') > (b ?? '') ? 1 : 0;
}

async function turnsById(models: Models): Promise<Map<string, Turns>> {
  const turns = await models.turnCounts.get();
  const ids = await models.seen(turns.keys());
  return new Map(
    [...turns].flatMap(([name, uses]) => {
      const id = ids.get(name);
      return id === undefined ? [] : [[id, uses] as const];
    }),
  );
}
