import { type Insertable, sql } from 'kysely';
import { z } from 'zod';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { EvaluationRun } from '../../contracts/evaluationTools.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import type { EvaluationRunsTable } from '../database/schema.ts';
import { decodeCursor, encodeCursor } from '../platform/cursor.ts';

/** Evaluations that are kept of a project, beside its baselines. */
const KEPT = 500;

export type NewRun = Insertable<EvaluationRunsTable>;
export type RunRow = Awaited<ReturnType<typeof rowOf>>;
export type RunEnd = Pick<
  NewRun,
  'status' | 'finished_at' | 'exit_code' | 'error' | 'metrics' | 'comparison' | 'output'
>;
/** What evaluations are compared within: the same thing, measured in the same way. */
export type RunKey = Pick<NewRun, 'project_id' | 'kind'> & {
  script: string | null;
  config_file: string | null;
};

const runsOf = (read: Database['read'] | WriteTransaction['read']) =>
  read.selectFrom('evaluation_runs').selectAll();

/** @throws TurnkeepError `not_found`. */
export async function rowOf(database: Database, jobId: string) {
  const row = await runsOf(database.read).where('job_id', '=', jobId).executeTakeFirst();
  if (row) return row;
  throw new TurnkeepError('not_found', `There is no evaluation ${jobId}.`);
}

export async function insertRun(tx: WriteTransaction, row: NewRun): Promise<void> {
  await tx.insert('evaluation_runs', [row]);
}

/** Notes how a run ended; the oldest of many go. */
export async function endRun(database: Database, row: NewRun, end: RunEnd): Promise<void> {
  await database.write(async (tx) => {
    await tx.update('evaluation_runs', { job_id: row.job_id }, { ...end, process: null });
    const old = await tx.read
      .selectFrom('evaluation_runs')
      .select('job_id')
      .where('project_id', '=', row.project_id)
      .where('is_baseline', '=', false)
      .where('status', '<>', 'running')
      .orderBy('started_at', 'desc')
      .orderBy('job_id', 'desc')
      .offset(KEPT)
      .limit(100)
      .execute();
    await tx.delete(
      'evaluation_runs',
      'job_id',
      old.map(({ job_id }) => job_id),
    );
  });
}

function ofKey(read: Database['read'] | WriteTransaction['read'], key: RunKey) {
  return runsOf(read)
    .where('project_id', '=', key.project_id)
    .where('kind', '=', key.kind)
    .where('script', 'is not distinct from', key.script)
    .where('config_file', 'is not distinct from', key.config_file);
}

/** What a run is compared with: the one that was named, else the last good one before it. */
export async function baselineOf(database: Database, run: RunKey & { job_id: string }) {
  return (
    ofKey(database.read, run)
      .where('job_id', '<>', run.job_id)
      .where('status', '=', 'succeeded')
      // One that printed nothing has nothing to compare with, and hides the one before it.
      .where(sql<boolean>`metrics::text <> '{}'`)
      .orderBy('is_baseline', 'desc')
      .orderBy('started_at', 'desc')
      .orderBy('job_id', 'desc')
      .limit(1)
      .executeTakeFirst()
  );
}

/**
 * Names a run as the baseline, in place of the one before, or takes that back.
 * @throws TurnkeepError `conflict` for one that did not succeed, or has no metric.
 */
export async function nameBaseline(
  database: Database,
  jobId: string,
  isBaseline: boolean,
): Promise<void> {
  const run = await rowOf(database, jobId);
  if (isBaseline && run.status !== 'succeeded') {
    throw new TurnkeepError('conflict', 'Only an evaluation that succeeded can be the baseline.');
  }
  if (isBaseline && Object.keys(run.metrics).length === 0) {
    throw new TurnkeepError('conflict', 'It printed no metric: there is nothing to compare with.');
  }
  await database.write(async (tx) => {
    const before = await ofKey(tx.read, run).where('is_baseline', '=', true).execute();
    for (const { job_id } of isBaseline ? before : []) {
      await tx.update('evaluation_runs', { job_id }, { is_baseline: false });
    }
    await tx.update('evaluation_runs', { job_id: jobId }, { is_baseline: isBaseline });
  });
}

const place = z.object({ at: z.string().max(40), id: z.string().max(100) });
type Page = { limit?: number | undefined; cursor?: string | undefined };

/** Runs of a project, newest first, by pages. */
export async function listRuns(
  database: Database,
  projectId: string,
  { limit = 50, cursor, script }: Page & { script?: string | undefined },
): Promise<{ rows: RunRow[]; next_cursor: string | null }> {
  const from = decodeCursor(place, cursor);
  let query = runsOf(database.read).where('project_id', '=', projectId);
  if (script !== undefined) query = query.where('script', '=', script);
  if (from) {
    query = query.where((eb) =>
      eb.or([
        eb('started_at', '<', from.at),
        eb.and([eb('started_at', '=', from.at), eb('job_id', '<', from.id)]),
      ]),
    );
  }
  const found = await query
    .orderBy('started_at', 'desc')
    .orderBy('job_id', 'desc')
    .limit(limit + 1)
    .execute();
  const rows = found.slice(0, limit);
  const last = found.length > limit ? rows.at(-1) : undefined;
  const next_cursor = last ? encodeCursor({ at: last.started_at, id: last.job_id }) : null;
  return { rows, next_cursor };
}

/** Runs that are not over, of this server. */
export function unfinishedOf(database: Database, runner: string): Promise<RunRow[]> {
  return runsOf(database.read)
    .where('runner', '=', runner)
    .where('status', '=', 'running')
    .execute();
}

/** A row as it is given out. */
export function runOf({ project_id: _p, runner: _r, process: _s, ...row }: RunRow): EvaluationRun {
  return row;
}
