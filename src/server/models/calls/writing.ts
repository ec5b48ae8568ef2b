import { sql } from 'kysely';
import { GRAINS, type Grain } from '../../../contracts/modelPerformance.ts';
import type { ModelCall, ModelMetadata } from '../../../contracts/models.ts';
import type { WriteTransaction } from '../../database/database.ts';
import type { Read } from '../rows.ts';
import { KEPT_MS, startOf } from './grains.ts';
import { costOf } from './money.ts';
import { type StoredTally, Tally } from './tally.ts';

/** Key of the lock that writers take: two would read the same row and add to it. */
const WRITERS = 7_426_114;

/**
 * Waits for its turn among the servers that record calls, until the end of the write: what is read
 * after it nobody changes at the same time.
 */
export async function takeTurn(tx: WriteTransaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(${WRITERS})`.execute(tx.read);
}

/** A call that takes the place of what was recorded of it before. */
export type Revision = { before: ModelCall; after: ModelCall };

/** The roll-ups that a write changes, by id. */
type Changed = Map<
  string,
  { call: ModelCall; grain: Grain; startsAt: number; changes: ((tally: Tally) => void)[] }
>;

/**
 * Records calls in this write: each once by its id, for as long as single calls are kept, and in
 * the roll-ups of its minute, hour and day. Without a cost of its own a call gets that of the
 * model's prices. Gives the calls that were new.
 */
export async function writeCalls(
  tx: WriteTransaction,
  given: ModelCall[],
  revisions: Revision[] = [],
): Promise<ModelCall[]> {
  await takeTurn(tx);
  const now = Date.now();
  const calls = await priced(tx, await unknown(tx, given));
  const kept = calls.filter((call) => Date.parse(call.at) >= now - KEPT_MS.call);
  await tx.insert('model_calls', kept);
  const changed: Changed = new Map();
  for (const call of calls) fold(changed, call, now, (tally) => tally.add(call));
  for (const { before, after } of revisions) {
    const { call_id, ...set } = after;
    await tx.update('model_calls', { call_id }, set);
    fold(changed, before, now, (tally) => tally.remove(before));
    fold(changed, after, now, (tally) => tally.add(after));
  }
  await store(tx, changed);
  return calls;
}

async function unknown(tx: WriteTransaction, given: ModelCall[]): Promise<ModelCall[]> {
  const calls = new Map(given.map((call) => [call.call_id, call]));
  const known = await tx.read
    .selectFrom('model_calls')
    .select('call_id')
    .where('call_id', '=', anyOf([...calls.keys()]))
    .execute();
  for (const { call_id } of known) calls.delete(call_id);
  return [...calls.values()];
}

const anyOf = (values: string[]) => sql<string>`any(${values}::text[])`;

async function priced(tx: WriteTransaction, calls: ModelCall[]): Promise<ModelCall[]> {
  const ids = [...new Set(calls.filter(({ cost }) => cost === null).map((call) => call.model_id))];
  if (ids.length === 0) return calls;
  const prices = await pricesOf(tx.read, ids);
  return calls.map((call) => {
    if (call.cost !== null) return call;
    const tokens = { input: call.input_tokens, output: call.output_tokens };
    return { ...call, cost: costOf(tokens, prices.get(call.model_id)) };
  });
}

/** The prices of models that have some, by id. */
export async function pricesOf(
  read: Read,
  ids: string[],
): Promise<Map<string, ModelMetadata['prices']>> {
  const rows = await read
    .selectFrom('models')
    .select(['model_id', 'metadata'])
    .where('model_id', '=', anyOf(ids))
    .execute();
  return new Map(rows.map((row) => [row.model_id, (row.metadata as ModelMetadata).prices]));
}

/** Notes a change for the roll-up of every grain that is still kept for the time of the call. */
function fold(changed: Changed, call: ModelCall, now: number, change: (tally: Tally) => void) {
  const at = Date.parse(call.at);
  for (const grain of GRAINS) {
    if (at < now - KEPT_MS[grain]) continue;
    const startsAt = startOf(grain, at);
    const id = rollupId(grain, startsAt, call);
    const entry = changed.get(id) ?? { call, grain, startsAt, changes: [] };
    changed.set(id, entry);
    entry.changes.push(change);
  }
}

/** Short, since there are many: grain, minutes since 1970, origin, model. */
function rollupId(grain: Grain, startsAt: number, { origin, model_id }: ModelCall): string {
  return `${grain[0]}${(startsAt / 60_000).toString(36)}:${origin}:${model_id}`;
}

async function store(tx: WriteTransaction, changed: Changed): Promise<void> {
  if (changed.size === 0) return;
  const rows = await tx.read
    .selectFrom('model_rollups')
    .select(['rollup_id', 'calls', 'errors', 'input_tokens', 'output_tokens', 'cost', 'sums'])
    .where('rollup_id', '=', anyOf([...changed.keys()]))
    .execute();
  for (const { rollup_id, ...row } of rows) {
    const { sums, ...columns } = after(Tally.from(row), changed.get(rollup_id)?.changes ?? []);
    await tx.update('model_rollups', { rollup_id }, { ...columns, sums: JSON.stringify(sums) });
    changed.delete(rollup_id);
  }
  await tx.insert(
    'model_rollups',
    [...changed].map(([rollup_id, { call, grain, startsAt, changes }]) => {
      const { sums, ...columns } = after(new Tally(), changes);
      const { model_id, origin } = call;
      const starts_at = new Date(startsAt).toISOString();
      return {
        ...{ rollup_id, model_id, origin, grain, starts_at },
        ...{ ...columns, sums: JSON.stringify(sums) },
      };
    }),
  );
}

function after(tally: Tally, changes: ((tally: Tally) => void)[]): StoredTally {
  for (const change of changes) change(tally);
  return tally.stored();
}
