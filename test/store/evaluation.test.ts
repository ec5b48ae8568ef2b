import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import * as store from '../../src/server/evaluation/store.ts';
import { engines, newPlace, openEmpty } from './support.ts';

test.each(engines)('the history of evaluations, its pages and baselines: %s', async (engine) => {
  const { db, end } = await openEmpty(engine);
  try {
    const { project_id } = await newPlace(db);
    const made = async (minute: number, more: Partial<store.NewRun> = {}) => {
      const run: store.NewRun = {
        ...{ job_id: randomUUID(), project_id, kind: 'script', script: 'a.mjs', config_file: null },
        ...{
          status: 'running',
          started_at: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(),
        },
        ...{ finished_at: null, timeout_sec: 60, exit_code: null, error: null, metrics: '{}' },
        ...{ comparison: null, is_baseline: false, output: '', runner: 'here', process: '1 x' },
        ...more,
      };
      await db.write((tx) => store.insertRun(tx, run));
      return run;
    };
    const ended = async (run: store.NewRun, status: 'succeeded' | 'failed') => {
      await store.endRun(db, run, {
        ...{ status, finished_at: run.started_at, exit_code: 0, error: null },
        ...{ metrics: '{"f1": 0.50}', comparison: null, output: 'f1: 0.50' },
      });
      return run;
    };
    const first = await ended(await made(1), 'succeeded');
    const second = await ended(await made(2), 'succeeded');
    await ended(await made(3), 'failed');
    await ended(await made(4, { script: 'b.mjs' }), 'succeeded');
    await ended(await made(5, { config_file: '.env' }), 'succeeded');
    const last = await made(6);
    const key = { ...last, script: 'a.mjs', config_file: null };
    const before = async () => (await store.baselineOf(db, key))?.job_id;
    expect(await before()).toBe(second.job_id);
    await store.nameBaseline(db, first.job_id, true);
    expect(await before()).toBe(first.job_id);
    await store.nameBaseline(db, second.job_id, true);
    await store.nameBaseline(db, second.job_id, false);
    expect(await before()).toBe(second.job_id);
    expect(await store.rowOf(db, first.job_id)).toMatchObject({
      ...{ metrics: { f1: 0.5 }, comparison: null, is_baseline: false, process: null },
    });
    expect((await store.unfinishedOf(db, 'here')).map(({ job_id }) => job_id)).toEqual([
      last.job_id,
    ]);
    expect(await store.unfinishedOf(db, 'elsewhere')).toEqual([]);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.listRuns(db, project_id, { limit: 4, cursor });
      seen.push(...page.rows.map(({ started_at }) => started_at));
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(seen).toHaveLength(6);
    expect(seen).toEqual(seen.toSorted().reverse());
    expect((await store.listRuns(db, project_id, { script: 'b.mjs' })).rows).toHaveLength(1);
  } finally {
    await end();
  }
});
