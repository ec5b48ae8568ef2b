import { setImmediate, setTimeout } from 'node:timers/promises';
import type { ObservedConversation, SourceProblem } from '../../../contracts/observed.ts';
import { buryObserved } from '../../conversations/service.ts';
import type { HistoryDeps } from '../history/deps.ts';
import { Scope } from '../history/scope.ts';
import { type Affected, affectedBy } from './affected.ts';
import type { Pause } from './pauseFile.ts';
import type { Pauses } from './pauses.ts';

/** A source that cannot be read is tried again after this. */
const AGAIN_MS = 60_000;
/** Clocks of programs and of the file system may differ by this. */
const OVERLAP_MS = 60_000;
/** One write holds up captures for as long as it takes. */
const TURNS = 250;

type Ended = Pause & { to: string };
type Buryings = Parameters<typeof buryObserved>[2];

/**
 * Notes what was said in a pause as not to be stored, in the background: reads the sources that
 * were written in it and buries the turns that are not stored. Until then nothing else reads them.
 */
export class Burying {
  readonly #deps: HistoryDeps;
  readonly #pauses: Pauses;
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;

  constructor(deps: HistoryDeps, pauses: Pauses) {
    this.#deps = deps;
    this.#pauses = pauses;
  }

  /** Begins, unless it runs or nothing is to be done. */
  start(): void {
    if (this.#running || this.#stop.signal.aborted || !this.#pauses.due) return;
    this.#running = this.#run().finally(() => {
      this.#running = null;
    });
  }

  /** Ends it; resolves when nothing is written any more. What is left is done after a restart. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    for (let pause = this.#pauses.due; pause; pause = this.#pauses.due) {
      const leave = this.#deps.busy();
      let isDone = false;
      try {
        isDone = await this.#buryAll(pause);
      } catch (error) {
        if (!signal.aborted) this.#warn((error as Error).message);
      } finally {
        leave();
      }
      if (signal.aborted) return;
      if (!isDone) await setTimeout(AGAIN_MS, null, { signal, ref: false }).catch(() => null);
    }
  }

  /** True when nothing is left of this pause. */
  async #buryAll(pause: Ended): Promise<boolean> {
    const { places, settings } = this.#deps;
    const { watch } = await settings.current();
    const affected = await affectedBy(pause, watch, places, ({ file, reason }) =>
      this.#warn(reason, file),
    );
    const left = new Set(affected.map(({ real }) => real));
    await this.#pauses.leave(pause, [...left]);
    for (const source of affected) {
      if (!(await this.#bury(pause, source))) continue;
      left.delete(source.real);
      await this.#pauses.leave(pause, [...left]);
    }
    return left.size === 0;
  }

  /** False when the source could not be read to its end. */
  async #bury(pause: Ended, { reader, source, real }: Affected): Promise<boolean> {
    const { signal } = this.#stop;
    const settings = { ...(await this.#deps.settings.current()), exclude: pause.exclude };
    const scope = new Scope({ settings }, this.#deps);
    const isCurrent = pause.read.includes(source.agent) && !pause.unread.includes(real);
    const since = new Date(Date.parse(pause.from) - OVERLAP_MS).toISOString();
    // The watch reads it once more afterwards, and tells what it does not understand.
    const read = reader.read(source, { signal, since, onProblem: () => {} });
    const conversations = read[Symbol.asyncIterator]();
    const batch: Buryings = [];
    let turns = 0;
    for (;;) {
      const next = await this.#next(conversations, source.path);
      if (next === 'unreadable') return false;
      if (next !== null) {
        const isExcluded = (await scope.take(next)) === 'excluded';
        const isUnsaid = unsaidIn(pause, isCurrent, isExcluded);
        batch.push({ conversation: next, isUnsaid });
        turns += next.turns.length;
      }
      if (next !== null && turns < TURNS) continue;
      if (signal.aborted) return false;
      if (batch.length > 0) await this.#store(batch.splice(0), pause.to);
      turns = 0;
      if (next === null) return true;
    }
  }

  async #next(
    conversations: AsyncIterator<ObservedConversation>,
    file: string,
  ): Promise<ObservedConversation | 'unreadable' | null> {
    try {
      const next = await conversations.next();
      return next.done ? null : next.value;
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#warn((error as Error).message, file);
      return 'unreadable';
    }
  }

  async #store(batch: Buryings, at: string): Promise<void> {
    const { database, person } = this.#deps;
    await buryObserved(database, person, batch, at);
    // Requests that came meanwhile are answered before the next write begins.
    await setImmediate();
  }

  #warn(reason: string, file: SourceProblem['file'] | null = null): void {
    this.#deps.log.warn({ file, reason }, 'pause not noted in a source yet');
  }
}

/**
 * Which turns of a conversation, of those that are not stored, were said in the pause. Where
 * everything before it is stored that is all of them up to its end. Elsewhere it goes by the time;
 * what has none is taken for said in it, except where nothing was to be stored before either.
 */
function unsaidIn({ from, to }: Ended, isCurrent: boolean, isExcluded: boolean) {
  return (at: string | null): boolean => {
    if (at === null) return !isExcluded;
    const time = Date.parse(at);
    const isWithin = time >= Date.parse(from);
    return time <= Date.parse(to) && (isWithin || (isCurrent && !isExcluded));
  };
}
