import type { Agent, SourceProblem } from '../../../contracts/observed.ts';
import { Batch } from './batch.ts';
import type { HistoryDeps } from './deps.ts';
import { discover, type Found } from './discovery.ts';
import { type FileState, fileStates, foldersPrint } from './fileStates.ts';
import { readSource } from './readSource.ts';
import { Scope } from './scope.ts';
import { sourceRows } from './sourceRows.ts';
import { Tally } from './tally.ts';

const LOOK_EVERY_MS = 2_000;
/** How often the folders are asked whether something is new in them. */
const LOOK_FOR_NEW_EVERY_MS = 10_000;
/** How often everything is looked for anew; between, only what changed of late. */
const LOOK_FOR_ALL_EVERY_MS = 60_000;
const LATELY_MS = 24 * 3_600_000;
/** A file that is still being written is read all the same after this long. */
const WRITTEN_FOR_MS = 10_000;
/** Share of the time that reading one source again and again may take. */
const DUTY = 5;

/** A source that could not be read, or not wholly, for the capture's health. */
export type WatchProblem = {
  agent: Agent;
  code: 'source_unreadable' | 'source_not_understood';
  /** The first problem, and how many there are. */
  first: SourceProblem;
  count: number;
};

type Watched = Found & {
  /** State that it was last read in, or found in; undefined when it is to be read at once. */
  print: string | undefined;
  /** A change that waits for the writing to pause. */
  pending: { print: string; since: number } | null;
  notBefore: number;
};

/**
 * Keeps the agents of `settings.watch` up to date: looks at sizes and times of their sources and
 * reads what has changed. `start()` when the server is ready, `stop()` before the database is
 * closed; it holds neither the process nor the idle exit. Nothing is read while capture is paused.
 */
export class HistoryWatch {
  readonly #deps: HistoryDeps;
  readonly #stop = new AbortController();
  readonly #problems = new Map<string, WatchProblem>();
  #watched = new Map<string, Watched>();
  #agents = '';
  #folders = '';
  #lookedForAll = 0;
  #lookedForNew = 0;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | null = null;

  constructor(deps: HistoryDeps) {
    this.#deps = deps;
  }

  /** Begins to look; what changed while no server ran is read first. */
  start(): void {
    if (this.#timer) return;
    this.#timer = setInterval(() => this.#tick(), LOOK_EVERY_MS);
    this.#timer.unref();
    this.#tick();
  }

  /** Ends it; resolves when nothing is written any more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#looking;
  }

  /** What could not be read of watched sources, or not wholly. */
  problems(): WatchProblem[] {
    return [...this.#problems.values()];
  }

  /**
   * Reads what has changed now, without waiting for the writing to pause, until the signal is
   * aborted. Gives the paths of watched sources that were not read by then.
   */
  async catchUp(signal: AbortSignal): Promise<string[]> {
    await this.#looking;
    if (this.#stop.signal.aborted) return [];
    const unread: string[] = [];
    this.#looking = this.#readAll(AbortSignal.any([signal, this.#stop.signal]), unread).finally(
      () => {
        this.#looking = null;
      },
    );
    await this.#looking;
    return unread;
  }

  async #readAll(signal: AbortSignal, unread: string[]): Promise<void> {
    const { watch } = await this.#deps.settings.current();
    if (watch.length === 0) return;
    await this.#lookForAll(watch);
    const all = [...this.#watched.values()];
    const states = await fileStates(all.map(({ source }) => source));
    for (const entry of all) {
      const { path } = entry.source;
      const state = states.get(path);
      if (!state || state.print === entry.print) continue;
      const mayRead = !signal.aborted && (await this.#deps.pauses.waits(path)) === null;
      if (!mayRead || !(await this.#read(entry, state, signal))) unread.push(path);
    }
  }

  #tick(): void {
    if (this.#looking || this.#stop.signal.aborted) return;
    this.#looking = this.#look()
      .catch((error: Error) => {
        this.#deps.log.warn({ reason: error.message }, 'sources not looked at');
      })
      .finally(() => {
        this.#looking = null;
      });
  }

  async #look(): Promise<void> {
    const { watch, paused } = await this.#deps.settings.current();
    if (paused) return;
    if (watch.length === 0) {
      this.#watched.clear();
      this.#problems.clear();
      this.#agents = '';
      return;
    }
    const now = Date.now();
    const isDue = now - this.#lookedForAll >= LOOK_FOR_ALL_EVERY_MS;
    if (isDue || watch.join() !== this.#agents || (await this.#hasNew(now))) {
      await this.#lookForAll(watch);
      await this.#readChanged([...this.#watched.values()]);
    } else {
      const all = [...this.#watched.values()];
      const isCandidate = ({ source, print }: Watched) =>
        print === undefined || isLate(source.modifiedAt, now);
      await this.#readChanged(all.filter(isCandidate));
    }
  }

  /** Whether files were made or removed in the folders of the sources. */
  async #hasNew(now: number): Promise<boolean> {
    if (now - this.#lookedForNew < LOOK_FOR_NEW_EVERY_MS) return false;
    this.#lookedForNew = now;
    const sources = [...this.#watched.values()].map(({ source }) => source);
    return (await foldersPrint(sources)) !== this.#folders;
  }

  async #lookForAll(watch: Agent[]): Promise<void> {
    this.#problems.delete('');
    const found = await discover(this.#deps.places, watch, (problem) => {
      const agent = watch[0];
      if (agent) this.#report('', { agent, code: 'source_unreadable', first: problem, count: 1 });
    });
    const before = this.#watched;
    const blank = { print: undefined, pending: null, notBefore: 0 };
    this.#watched = new Map(
      found.map((entry) => [entry.id, { ...blank, ...before.get(entry.id), ...entry }]),
    );
    for (const id of this.#problems.keys()) if (!this.#watched.has(id)) this.#problems.delete(id);
    this.#agents = watch.join();
    this.#lookedForAll = Date.now();
    this.#lookedForNew = Date.now();
    this.#folders = await foldersPrint(found.map(({ source }) => source));
  }

  async #readChanged(candidates: Watched[]): Promise<void> {
    const states = await fileStates(candidates.map(({ source }) => source));
    for (const entry of candidates) {
      if (this.#stop.signal.aborted) return;
      const state = states.get(entry.source.path);
      if (!state || !this.#isToRead(entry, state)) continue;
      // A pause may have begun since, or is to be noted in it first.
      if ((await this.#deps.pauses.waits(entry.source.path)) === null) {
        await this.#read(entry, state, this.#stop.signal);
      }
    }
  }

  /** Whether it has changed, and the writing has paused or gone on for long. */
  #isToRead(entry: Watched, { print }: FileState): boolean {
    if (entry.print === undefined) return true;
    if (entry.print === print) {
      entry.pending = null;
      return false;
    }
    const now = Date.now();
    const { pending } = entry;
    const isQuiet = pending?.print === print;
    const isLong = pending !== null && now - pending.since >= WRITTEN_FOR_MS;
    entry.pending = { print, since: pending?.since ?? now };
    return (isQuiet || isLong) && now >= entry.notBefore;
  }

  /** False when it could not be read to its end. */
  async #read(entry: Watched, state: FileState, signal: AbortSignal): Promise<boolean> {
    const { database, settings, busy } = this.#deps;
    const began = Date.now();
    const tally = new Tally();
    const scope = new Scope({ settings: await settings.current() }, this.#deps);
    const rows = await sourceRows(database, [entry.id]);
    // Only what is found changed is work that the server must not end in.
    const leave = entry.print === undefined ? () => {} : busy();
    try {
      const modifiedAt = new Date(state.changedAt).toISOString();
      const found = { ...entry, source: { ...entry.source, bytes: state.bytes, modifiedAt } };
      const reading = { scope, again: false, stopped: () => signal.aborted, signal };
      const batch = new Batch(this.#deps, tally, {});
      const how = await readSource(batch, found, rows.get(entry.id), tally, reading);
      await batch.flush();
      if (how === 'stopped') return false;
      entry.source = found.source;
      entry.print = state.print;
      entry.pending = null;
      entry.notBefore = Date.now() + DUTY * (Date.now() - began);
      if (how !== 'unchanged') this.#told(entry, tally, how === 'unreadable');
      return how !== 'unreadable';
    } finally {
      leave();
    }
  }

  #told({ id, source }: Watched, tally: Tally, unreadable: boolean): void {
    const [first] = tally.problems;
    if (!first) {
      this.#problems.delete(id);
      return;
    }
    const code = unreadable ? 'source_unreadable' : 'source_not_understood';
    this.#report(id, { agent: source.agent, code, first, count: tally.problemCount });
  }

  #report(id: string, problem: WatchProblem): void {
    this.#problems.set(id, problem);
    const { file, at, reason } = problem.first;
    this.#deps.log.warn({ file, at, reason, count: problem.count }, 'source not understood');
  }
}

function isLate(modifiedAt: string, now: number): boolean {
  return now - Date.parse(modifiedAt) < LATELY_MS;
}
