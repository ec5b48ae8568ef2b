import type { ImportJob } from '../../../contracts/capture.ts';
import { TurnkeepError } from '../../../contracts/errors.ts';
import type { SourceProblem } from '../../../contracts/observed.ts';
import type { HistoryDeps } from './deps.ts';
import { HistoryImport, type JobPlan } from './importJob.ts';

/** Finished jobs that can still be asked for. */
const KEPT = 50;

/** Imports of history: one runs, the others wait for their turn. */
export class ImportJobs {
  readonly #deps: HistoryDeps;
  readonly #jobs = new Map<string, HistoryImport>();
  readonly #stop = new AbortController();
  #queue: Promise<void> = Promise.resolve();

  constructor(deps: HistoryDeps) {
    this.#deps = deps;
  }

  /** Begins an import, after those that were begun before; `problems` were met on the way to it. */
  start(plan: JobPlan, problems: readonly SourceProblem[]): ImportJob {
    const job = new HistoryImport(this.#deps, plan);
    for (const problem of problems) job.tally.problem(problem);
    this.#jobs.set(job.id, job);
    this.#forgetOld();
    // The server is in use from now on, also while the job waits.
    const leave = this.#deps.busy();
    this.#queue = this.#queue.then(() => this.#run(job)).finally(leave);
    return job.report();
  }

  /** @throws TurnkeepError `not_found` when there is no such job any more. */
  report(id: string): ImportJob {
    return this.#job(id).report();
  }

  /** Ends a job after the conversation at hand. Throws `not_found` as {@link report}. */
  cancel(id: string): ImportJob {
    const job = this.#job(id);
    job.cancel();
    return job.report();
  }

  /** Ends what runs and what waits; resolves when nothing is written any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#queue;
  }

  async #run(job: HistoryImport): Promise<void> {
    await job.run(this.#stop.signal);
    const { job_id, problems: _problems, ...figures } = job.report();
    this.#deps.log.info({ job_id, ...figures }, 'history imported');
  }

  #job(id: string): HistoryImport {
    const job = this.#jobs.get(id);
    if (job) return job;
    throw new TurnkeepError(
      'not_found',
      'There is no such import: the server was started anew since. Start the import again; it goes on where it was.',
    );
  }

  #forgetOld(): void {
    const over = [...this.#jobs.values()].filter((job) => job.isOver);
    for (const job of over.slice(0, Math.max(0, over.length - KEPT))) this.#jobs.delete(job.id);
  }
}
