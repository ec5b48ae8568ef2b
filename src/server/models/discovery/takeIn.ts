import { type Model, modelIdSchema } from '../../../contracts/models.ts';
import type { WriteTransaction } from '../../database/database.ts';
import { note, noteAll } from '../events.ts';
import { CURRENT_VERSION, defaultModelId, modelOf, modelRows } from '../rows.ts';
import type { FoundModel } from './source.ts';

/** Longer texts are no names of models. */
const MAX_NAME = 200;

/**
 * Puts what a source lists into the registry, in a write: entries that are there learn what they
 * lack and where they are called, others are made. What a person has said of a model stays.
 * @param source `discovered` by the server, `editor` when the editor told
 */
export async function takeIn(
  tx: WriteTransaction,
  connection_id: string,
  models: readonly FoundModel[],
  source: 'discovered' | 'editor',
): Promise<{ added: number; updated: number }> {
  const at = new Date().toISOString();
  const known = await entriesOf(tx, [...new Set(models.map(({ provider }) => provider))]);
  const fresh: Model[] = [];
  let updated = 0;
  for (const model of models) {
    if (!isUsable(model)) continue;
    const own = entryFor(known, model, connection_id);
    if (own) {
      if (await learn(tx, own, model, { connection_id, source, at })) updated += 1;
      continue;
    }
    const made = entryOf(known, model, { connection_id, source, at });
    if (!made) continue;
    known.set(made.model_id, made);
    fresh.push(made);
  }
  await add(tx, fresh, at);
  return { added: fresh.length, updated };
}

type How = { connection_id: string; source: 'discovered' | 'editor'; at: string };
/** Entries by id. */
type Known = Map<string, Model>;

async function entriesOf(tx: WriteTransaction, providers: string[]): Promise<Known> {
  if (providers.length === 0) return new Map();
  const rows = await modelRows(tx.read).where('m.provider', 'in', providers).execute();
  return new Map(rows.map((row) => [row.model_id, modelOf(row)]));
}

function isUsable({ model_name }: FoundModel): boolean {
  const isShort = model_name !== '' && model_name.length <= MAX_NAME;
  return isShort && !/\p{Cc}/u.test(model_name) && modelIdSchema.safeParse(model_name).success;
}

/** The entry of this connection, else one that nobody else has. */
function entryFor(known: Known, model: FoundModel, connection_id: string): Model | undefined {
  const { model_name, provider, version = CURRENT_VERSION } = model;
  const same = [...known.values()].filter(
    (one) => one.model_name === model_name && one.provider === provider && one.version === version,
  );
  return (
    same.find((one) => one.connection_id === connection_id) ??
    same.find((one) => one.connection_id === null)
  );
}

async function learn(
  tx: WriteTransaction,
  before: Model,
  { metadata: told, model_type }: FoundModel,
  { connection_id, source, at }: How,
): Promise<boolean> {
  const { model_id } = before;
  const byPerson = before.source === 'manual' || before.source === 'import';
  const metadata = byPerson ? { ...told, ...before.metadata } : { ...before.metadata, ...told };
  const set = {
    connection_id,
    metadata: JSON.stringify(metadata),
    ...(byPerson
      ? {}
      : { model_type, source: before.source === 'captured' ? source : before.source }),
  };
  const same =
    before.connection_id === connection_id &&
    set.metadata === JSON.stringify(before.metadata) &&
    (byPerson || (before.model_type === model_type && before.source === set.source));
  if (same) return false;
  await tx.update('models', { model_id }, { ...set, updated_at: at });
  const detail = { connection_id, source, metadata: { from: before.metadata, to: metadata } };
  await note(tx, { model_id, kind: 'updated', at, detail });
  return true;
}

/** The entry of a model that has none; undefined when its ids are taken by others. */
function entryOf(known: Known, model: FoundModel, how: How): Model | undefined {
  const { connection_id, source, at } = how;
  const { model_name, model_type, provider, version = CURRENT_VERSION, metadata } = model;
  // Two servers of one kind may have the same model: the second is known by its connection.
  const ids = [defaultModelId(model), `${connection_id}/${defaultModelId(model)}`];
  const model_id = ids.find((id) => !known.has(id));
  if (model_id === undefined) return undefined;
  return {
    ...{ model_id, model_name, model_type, provider, version, metadata, source, connection_id },
    ...{ parameters: {}, performance_metrics: {}, tags: [], aliases: [], replaced_by: [] },
    ...{ replaces: null, is_active: true, created_at: at, updated_at: at },
  };
}

async function add(tx: WriteTransaction, fresh: readonly Model[], at: string): Promise<void> {
  const rows = fresh.map(({ aliases: _, replaced_by: __, ...model }) => ({
    ...model,
    ...{ parameters: '{}', performance_metrics: '{}', tags: '[]' },
    metadata: JSON.stringify(model.metadata),
  }));
  await tx.insert('models', rows);
  const events = fresh.map(({ model_id, model_name, provider, version, source, connection_id }) => {
    const detail = { model_name, provider, version, source, connection_id };
    return { model_id, kind: 'registered' as const, at, detail };
  });
  await noteAll(tx, events);
}
