import type { Database } from '../../database/database.ts';
import { KEPT_MS } from './grains.ts';

/** Rows that go in one write: calls that are recorded wait for no longer than this takes. */
const STEP = 2000;

/**
 * Deletes single calls, minutes and hours whose time is over (`now` in ms); gives the number of
 * rows. It can stop after each step (`signal`).
 */
export async function pruneCalls(
  database: Database,
  now: number,
  signal?: AbortSignal,
): Promise<number> {
  let gone = 0;
  const before = (kept: number) => new Date(now - kept).toISOString();
  const isOver = () => signal?.aborted ?? false;
  for (let step = STEP; step === STEP && !isOver(); gone += step) {
    step = await database.write(async (tx) => {
      const rows = await tx.read
        .selectFrom('model_calls')
        .select('call_id')
        .where('at', '<', before(KEPT_MS.call))
        .orderBy('at')
        .limit(STEP)
        .execute();
      const ids = rows.map(({ call_id }) => call_id);
      await tx.delete('model_calls', 'call_id', ids);
      return ids.length;
    });
  }
  for (const grain of ['minute', 'hour'] as const) {
    for (let step = STEP; step === STEP && !isOver(); gone += step) {
      step = await database.write(async (tx) => {
        const rows = await tx.read
          .selectFrom('model_rollups')
          .select('rollup_id')
          .where('grain', '=', grain)
          .where('starts_at', '<', before(KEPT_MS[grain]))
          .orderBy('starts_at')
          .limit(STEP)
          .execute();
        const ids = rows.map(({ rollup_id }) => rollup_id);
        await tx.delete('model_rollups', 'rollup_id', ids);
        return ids.length;
      });
    }
  }
  return gone;
}
