import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { CallContext } from '../../contracts/context.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { EvaluationRun } from '../../contracts/evaluationTools.ts';
import { DEFAULT_EVALUATION_SECONDS } from '../../contracts/evaluationTools.ts';
import type { ToolArguments, ToolOutput } from '../../contracts/tools.ts';
import type { Database } from '../database/database.ts';
import type { SearchEmbeddings } from '../memory/service.ts';
import { uuidv7 } from '../platform/ids.ts';
import type { Log } from '../platform/logging.ts';
import { DEFAULT_PROJECT, ensureProject } from '../projects/service.ts';
import { endLeftOver, runProcess } from '../running/service.ts';
import type { Trust } from '../trust/service.ts';
import { compare } from './compare.ts';
import { Job, type StopReason } from './job.ts';
import { planOf, type RetrievalPlan, type ScriptPlan } from './plan.ts';
import { measureRetrieval } from './retrieval.ts';
import * as store from './store.ts';

export type EvaluationDeps = {
  database: Database;
  trust: Trust;
  /** Folder of the Turnkeep home. */
  home: string;
  log: Log;
  /** Asked too, as by any search. */
  embeddings: SearchEmbeddings;
  /** Keeps the server from ending as idle until the result is called. */
  busy: () => () => void;
  /** A text that tells a process from others of its id; null when it has ended. */
  processStart: (pid: number) => Promise<string | null>;
};
type Asked = ToolArguments<'run_precision_eval'>;
type Outcome = {
  status: 'succeeded' | 'failed';
  exit_code: number | null;
  error: string | null;
};

const MAX_RUNNING = 4;
const MAX_OUTPUT_BYTES = 8 * 1024 * 1024;
/** A run of another server is taken for lost so long after its time is over. */
const LOST_AFTER_MS = 60_000;

/** Evaluations: those that run now, and the history of all. */
export class Evaluations {
  readonly #deps: EvaluationDeps;
  readonly #jobs = new Map<string, Job>();
  readonly #runner: string;
  #ending = false;

  constructor(deps: EvaluationDeps) {
    this.#deps = deps;
    const text = `${hostname()}\0${deps.home}`;
    this.#runner = createHash('sha256').update(text).digest('hex').slice(0, 32);
  }

  /**
   * Begins an evaluation; it goes on by itself.
   * @throws TurnkeepError as `planOf`, and `conflict` when too many run.
   */
  async start(asked: Asked, context: CallContext): Promise<Job> {
    const { database, trust, home } = this.#deps;
    const plan = await planOf(asked, context, { trust, home });
    if (this.#jobs.size >= MAX_RUNNING || this.#ending) {
      throw new TurnkeepError(
        'conflict',
        `${MAX_RUNNING} evaluations are running already. Wait for one of them, or cancel it.`,
      );
    }
    const job = new Job(uuidv7());
    this.#jobs.set(job.id, job);
    const timeout_sec = asked.timeout_sec ?? DEFAULT_EVALUATION_SECONDS;
    const started_at = new Date(job.began).toISOString();
    try {
      const row = await database.write(async (tx): Promise<store.NewRun> => {
        const ref = context.project ?? DEFAULT_PROJECT;
        const { kind, script, config_file } = plan;
        const fresh: store.NewRun = {
          ...{ job_id: job.id, project_id: await ensureProject(tx, ref, started_at), kind },
          ...{ script, config_file, status: 'running', started_at, finished_at: null, timeout_sec },
          ...{ exit_code: null, error: null, metrics: '{}', comparison: null, is_baseline: false },
          ...{ output: '', runner: this.#runner, process: null },
        };
        await store.insertRun(tx, fresh);
        return fresh;
      });
      job.done = this.#run(job, row, plan, context);
    } catch (error) {
      this.#jobs.delete(job.id);
      throw error;
    }
    return job;
  }

  /** @throws TurnkeepError `not_found`. */
  async get(jobId: string): Promise<EvaluationRun> {
    return this.#current(await store.rowOf(this.#deps.database, jobId));
  }

  /** @throws TurnkeepError `not_found`. */
  async status(jobId: string): Promise<ToolOutput<'get_precision_eval_status'>> {
    const run = await this.get(jobId);
    const job = this.#jobs.get(jobId);
    const until = run.finished_at === null ? Date.now() : Date.parse(run.finished_at);
    const elapsed_sec = Math.max(0, Math.round((until - Date.parse(run.started_at)) / 100) / 10);
    const lines = job?.lines ?? run.output.split('\n').filter(Boolean).length;
    const last_line = job ? job.lastLine : (run.output.split('\n').findLast(Boolean) ?? null);
    const metrics = job ? job.reader.metrics : run.metrics;
    return { job_id: jobId, status: run.status, elapsed_sec, lines, last_line, metrics };
  }

  /** Ends a job with everything that it has started; one that is over stays as it is. */
  async cancel(jobId: string): Promise<ToolOutput<'cancel_precision_eval'>> {
    const job = this.#jobs.get(jobId);
    job?.stop('cancelled');
    await job?.done;
    return { job_id: jobId, status: (await this.get(jobId)).status };
  }

  /** Later runs of the same are compared with this one, or no more. @throws TurnkeepError `conflict`. */
  async nameBaseline(jobId: string, isBaseline: boolean): Promise<EvaluationRun> {
    await store.nameBaseline(this.#deps.database, jobId, isBaseline);
    return this.get(jobId);
  }

  /** Runs of a project, newest first. */
  async list(projectId: string, page: Parameters<typeof store.listRuns>[2]) {
    const { rows, next_cursor } = await store.listRuns(this.#deps.database, projectId, page);
    return { evaluations: rows.map((row) => this.#current(row)), next_cursor };
  }

  /** What ran when this server last ended without a farewell: its processes end, the runs are over. */
  async recover(): Promise<void> {
    const { database, log, processStart } = this.#deps;
    for (const row of await store.unfinishedOf(database, this.#runner)) {
      if (this.#jobs.has(row.job_id)) continue;
      const [pid, started] = row.process?.split(' ') ?? [];
      if (pid && started && (await processStart(Number(pid))) === started) {
        endLeftOver(Number(pid));
      }
      await store.endRun(database, asNew(row), {
        ...{ status: 'interrupted', finished_at: new Date().toISOString(), exit_code: null },
        ...{ error: INTERRUPTED, metrics: '{}', comparison: null, output: '' },
      });
      log.info({ job_id: row.job_id }, 'evaluation was interrupted');
    }
  }

  /** Ends what runs; resolves when that is stored. */
  async stop(): Promise<void> {
    this.#ending = true;
    const jobs = [...this.#jobs.values()];
    for (const job of jobs) job.stop('interrupted');
    await Promise.all(jobs.map((job) => job.done));
  }

  /** A row as it is given out: a run that nobody runs any more is over. */
  #current(row: store.RunRow): EvaluationRun {
    const run = store.runOf(row);
    if (run.status !== 'running' || this.#jobs.has(run.job_id)) return run;
    const end = Date.parse(run.started_at) + run.timeout_sec * 1000 + LOST_AFTER_MS;
    const isLost = row.runner === this.#runner || Date.now() > end;
    return isLost ? { ...run, status: 'interrupted', error: INTERRUPTED } : run;
  }

  async #run(
    job: Job,
    row: store.NewRun,
    plan: ScriptPlan | RetrievalPlan,
    context: CallContext,
  ): Promise<void> {
    const { database, log, busy } = this.#deps;
    const leave = busy();
    const timer = setTimeout(() => job.stop('timed_out'), row.timeout_sec * 1000);
    try {
      const outcome = await this.#outcome(job, plan, context).catch((error: Error): Outcome => {
        return { status: 'failed', exit_code: null, error: error.message.slice(0, 1000) };
      });
      const status = job.stopped ?? outcome.status;
      const { metrics, lowerIsBetter } = job.reader;
      const key = { ...row, script: row.script ?? null, config_file: row.config_file ?? null };
      const baseline = status === 'succeeded' ? await store.baselineOf(database, key) : undefined;
      const judged = plan.kind === 'script' ? () => true : (name: string) => !UNJUDGED.test(name);
      const comparison = baseline ? compare(baseline, metrics, lowerIsBetter, judged) : null;
      await store.endRun(database, row, {
        ...{ ...outcome, status, finished_at: new Date().toISOString(), output: job.output },
        error: job.stopped ? whyStopped(job.stopped, row.timeout_sec) : outcome.error,
        metrics: JSON.stringify(metrics),
        comparison: comparison === null ? null : JSON.stringify(comparison),
      });
      log.info({ job_id: job.id, status, took_ms: Date.now() - job.began }, 'evaluation ended');
    } catch (error) {
      log.error({ job_id: job.id, reason: (error as Error).message }, 'evaluation not stored');
    } finally {
      clearTimeout(timer);
      this.#jobs.delete(job.id);
      leave();
    }
  }

  async #outcome(
    job: Job,
    plan: ScriptPlan | RetrievalPlan,
    context: CallContext,
  ): Promise<Outcome> {
    if (plan.kind === 'retrieval') {
      const { questions } = plan;
      const { database, embeddings } = this.#deps;
      const how = { context, signal: job.signal, tell: job.line, embeddings };
      const metrics = await measureRetrieval(database, questions, how);
      job.line(JSON.stringify(metrics));
      return { status: 'succeeded', exit_code: null, error: null };
    }
    const { command, args, cwd, env } = plan;
    const { reason, code } = await runProcess({
      ...{ command, args, cwd, env, signal: job.signal, onLine: job.line },
      // The job's own clock ends it first.
      timeoutMs: 2 ** 31 - 1,
      maxOutputBytes: MAX_OUTPUT_BYTES,
      onStart: (pid) => void this.#noteProcess(job.id, pid),
    });
    if (reason === 'output_limit') {
      const error = `It printed more than ${MAX_OUTPUT_BYTES / 1024 / 1024} MiB and was ended.`;
      return { status: 'failed', exit_code: null, error };
    }
    if (code === 0) return { status: 'succeeded', exit_code: 0, error: null };
    const error = code === null ? 'A signal ended it.' : `It ended with exit code ${code}.`;
    return { status: 'failed', exit_code: code, error };
  }

  /** So that the process can be told, and ended, after a crash of the server. */
  async #noteProcess(jobId: string, pid: number): Promise<void> {
    const { database, log, processStart } = this.#deps;
    try {
      const started = await processStart(pid);
      if (started === null || !this.#jobs.has(jobId)) return;
      const process = `${pid} ${started}`;
      await database.write(async (tx) => {
        await tx.update('evaluation_runs', { job_id: jobId, status: 'running' }, { process });
      });
    } catch (error) {
      log.warn({ job_id: jobId, reason: (error as Error).message }, 'process not noted');
    }
  }
}

/** Of the built-in evaluation: times are the machine's of the moment, and what is not stored a fault of the questions. */
const UNJUDGED = /^(p\d+_ms|not_stored)$/;
const INTERRUPTED = 'The server ended while it ran.';

function whyStopped(reason: StopReason, timeoutSec: number): string {
  if (reason === 'timed_out') return `It took longer than ${timeoutSec} s and was ended.`;
  return reason === 'cancelled' ? 'It was cancelled.' : INTERRUPTED;
}

function asNew(row: store.RunRow): store.NewRun {
  return { ...row, metrics: '{}', comparison: null };
}
