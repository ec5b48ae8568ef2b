import { setTimeout } from 'node:timers/promises';
import type { ImportJob } from '../../../contracts/capture.ts';
import { toTurnkeepError } from '../../../contracts/errors.ts';
import { uuidv7 } from '../../platform/ids.ts';
import { Batch } from './batch.ts';
import type { HistoryDeps } from './deps.ts';
import type { Found } from './discovery.ts';
import { readSource } from './readSource.ts';
import type { Scope } from './scope.ts';
import { sourceRows } from './sourceRows.ts';
import { Tally } from './tally.ts';

/** Bytes of a source from which on it is counted first, so that the progress within it shows. */
const LARGE = 16 * 1024 * 1024;
/** How long an import waits for a pause to be noted in a source. */
const NOTED_MS = 120_000;
const NOTED_EVERY_MS = 200;

export type JobPlan = { found: Found[]; scope: Scope; again: boolean };

/** One import of history: from its start on it can be asked how far it is, and be cancelled. */
export class HistoryImport {
  readonly id = uuidv7();
  readonly tally = new Tally();
  readonly #deps: HistoryDeps;
  readonly #plan: JobPlan;
  readonly #startedAt = new Date().toISOString();
  readonly #total: number;
  #state: ImportJob['state'] = 'running';
  #error: string | null = null;
  #finishedAt: string | null = null;
  #sourcesDone = 0;
  #bytesDone = 0;
  /** Bytes of the source at hand, as far as its conversations tell. */
  #bytesAtHand = 0;
  #begun = false;
  #cancelled = false;

  constructor(deps: HistoryDeps, plan: JobPlan) {
    this.#deps = deps;
    this.#plan = plan;
    this.#total = plan.found.reduce((sum, { source }) => sum + source.bytes, 0);
  }

  get isOver(): boolean {
    return this.#state !== 'running';
  }

  /** Ends it after the conversation at hand. */
  cancel(): void {
    this.#cancelled = true;
    if (!this.#begun && !this.isOver) this.#end('cancelled');
  }

  /** Reads everything; never throws, the outcome is in {@link report}. */
  async run(signal: AbortSignal): Promise<void> {
    if (this.isOver) return;
    this.#begun = true;
    try {
      await this.#readAll(signal);
      this.#end(this.#cancelled || signal.aborted ? 'cancelled' : 'done');
    } catch (thrown) {
      this.#error = toTurnkeepError(thrown).message;
      this.#end('failed');
    }
  }

  async #readAll(signal: AbortSignal): Promise<void> {
    const { found, scope, again } = this.#plan;
    const rows = await sourceRows(
      this.#deps.database,
      found.map(({ id }) => id),
    );
    const batch = new Batch(this.#deps, this.tally, { again, quiet: true });
    const stopped = () => this.#cancelled || signal.aborted;
    for (const entry of found) {
      if (stopped()) break;
      if (!again && !(await this.#isNoted(entry.source.path, stopped))) {
        const reason = 'was written in a pause that could not be noted in it yet';
        this.tally.problem({ file: entry.source.path, at: null, reason });
        this.#sourcesDone += 1;
        continue;
      }
      const onProgress = await this.#estimate(entry);
      const reading = { scope, again, stopped, signal, onProgress };
      const how = await readSource(batch, entry, rows.get(entry.id), this.tally, reading);
      this.#bytesAtHand = 0;
      if (how === 'stopped') break;
      this.#sourcesDone += 1;
      this.#bytesDone += entry.source.bytes;
    }
    await batch.flush();
  }

  /** Waits for pauses to be noted in a file; false when that takes too long. */
  async #isNoted(path: string, stopped: () => boolean): Promise<boolean> {
    const until = Date.now() + NOTED_MS;
    while (await this.#deps.pauses.isUnnoted(path)) {
      if (stopped() || Date.now() > until) return false;
      await setTimeout(NOTED_EVERY_MS);
    }
    return true;
  }

  /** A store of many conversations moves the bar with each; a file at its end. */
  async #estimate({ reader, source }: Found): Promise<(conversations: number) => void> {
    if (source.bytes < LARGE) return () => {};
    const counts = await reader.count(source).catch(() => []);
    const all = counts.reduce((sum, { conversations }) => sum + conversations, 0);
    return (conversations) => {
      const share = all > 0 ? Math.min(1, conversations / all) : 0;
      this.#bytesAtHand = Math.floor(source.bytes * share);
    };
  }

  #end(state: ImportJob['state']): void {
    this.#state = state;
    this.#finishedAt = new Date().toISOString();
  }

  /** How far it is, and how many conversations the capture settings kept out. */
  report(): ImportJob & { excluded: number; kept_out: number } {
    const { tally } = this;
    return {
      job_id: this.id,
      state: this.#state,
      sources: { done: this.#sourcesDone, total: this.#plan.found.length },
      bytes: { done: this.#bytesDone + this.#bytesAtHand, total: this.#total },
      conversations: tally.conversations,
      excluded: tally.excluded,
      turns: { ...tally.turns },
      kept_out: tally.keptOut,
      problems: [...tally.problems],
      problem_count: tally.problemCount,
      error: this.#error,
      started_at: this.#startedAt,
      finished_at: this.#finishedAt,
    };
  }
}
