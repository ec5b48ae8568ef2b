import type { Database } from '../../database/database.ts';
import { KEPT_MS } from './grains.ts';

/** Rows that go in one write: calls that are recorded wait for no longer than this takes. */
const STEP = 2000;
/** Rows go so long after their time: once a day, since the table is written anew after it. */
const SLACK_MS = 86_400_000;

/** Rows of one kind whose time is over, the oldest first, and how they go. */
type Kind = {
  keptMs: number;
  /** Ids of up to `limit` rows from before a time, ISO 8601. */
  before: (time: string, limit: number) => Promise<string[]>;
  remove: (ids: string[]) => Promise<unknown>;
};

function kindsOf(database: Database): Kind[] {
  const { read } = database;
  const rollups = (grain: 'minute' | 'hour'): Kind => ({
    keptMs: KEPT_MS[grain],
    async before(time, limit) {
      const rows = await read
        .selectFrom('model_rollups')
        .select('rollup_id')
        .where('grain', '=', grain)
        .where('starts_at', '<', time)
        .orderBy('starts_at')
        .limit(limit)
        .execute();
      return rows.map(({ rollup_id }) => rollup_id);
    },
    remove: (ids) => database.write((tx) => tx.delete('model_rollups', 'rollup_id', ids)),
  });
  return [
    {
      keptMs: KEPT_MS.call,
      async before(time, limit) {
        const rows = await read
          .selectFrom('model_calls')
          .select('call_id')
          .where('at', '<', time)
          .orderBy('at')
          .limit(limit)
          .execute();
        return rows.map(({ call_id }) => call_id);
      },
      remove: (ids) => database.write((tx) => tx.delete('model_calls', 'call_id', ids)),
    },
    rollups('minute'),
    rollups('hour'),
  ];
}

/**
 * Deletes single calls, minutes and hours whose time has been over for a day (`now` in ms); gives
 * the number of rows. It can stop after each step (`signal`).
 */
export async function pruneCalls(
  database: Database,
  now: number,
  signal?: AbortSignal,
): Promise<number> {
  let gone = 0;
  for (const { keptMs, before, remove } of kindsOf(database)) {
    const over = new Date(now - keptMs).toISOString();
    const late = new Date(now - keptMs - SLACK_MS).toISOString();
    if ((await before(late, 1)).length === 0) continue;
    for (let step = STEP; step === STEP && !signal?.aborted; gone += step) {
      const ids = await before(over, STEP);
      step = ids.length;
      if (step > 0) await remove(ids);
    }
  }
  return gone;
}
