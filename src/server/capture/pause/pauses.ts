import { realpath } from 'node:fs/promises';
import type { Log } from '../../platform/logging.ts';
import { type Pause, readPauses, writePauses } from './pauseFile.ts';

/** Older ones are noted in every source by far. */
const MOST_KEPT = 500;

/**
 * When capture was paused. What was said then is never stored by itself: hooks' events and dated
 * turns by their time; turns without one because, after the pause, those that are not stored are
 * noted in each source before it is read again. All of it is in a file, so that it outlives a crash.
 */
export class Pauses {
  readonly #file: string;
  #pauses: Pause[] = [];
  /** What holds up every reading, such as a pause that is just ending. */
  #holds = 0;
  #writing: Promise<unknown> = Promise.resolve();

  /** @param file absolute path; a file that cannot be understood is told to `log` */
  constructor(file: string, log: Pick<Log, 'error'>) {
    this.#file = file;
    try {
      this.#pauses = readPauses(file);
    } catch (error) {
      log.error({ file, reason: (error as Error).message }, 'pauses not understood');
    }
  }

  /** Whether a pause lasts. */
  get isOpen(): boolean {
    return this.#pauses.at(-1)?.to === null;
  }

  /** Whether capture was paused at this time, ISO 8601. Bound, to be handed on. */
  readonly includes = (at: string): boolean => {
    const time = Date.parse(at);
    return this.#pauses.some(
      ({ from, to }) => time >= Date.parse(from) && (to === null || time <= Date.parse(to)),
    );
  };

  /** Nothing may be read until the result is called. */
  hold(): () => void {
    this.#holds += 1;
    let isHeld = true;
    return () => {
      if (isHeld) this.#holds -= 1;
      isHeld = false;
    };
  }

  /** A pause begins; it holds at once, and over a restart when {@link save} has ended. */
  open(from: string, known: Pick<Pause, 'read' | 'unread' | 'exclude'>): void {
    this.#pauses.push({ ...known, from, to: null, left: null });
    this.#pauses.splice(0, this.#pauses.length - MOST_KEPT);
  }

  /** Takes back a pause that did not come about. */
  drop(): void {
    if (this.isOpen) this.#pauses.pop();
  }

  /** The pause ends. @throws TurnkeepError `home_unwritable`; it lasts then. */
  async close(to: string): Promise<void> {
    const last = this.#pauses.at(-1);
    if (last?.to !== null) return;
    last.to = Date.parse(to) > Date.parse(last.from) ? to : last.from;
    await this.save().catch((error: Error) => {
      last.to = null;
      throw error;
    });
  }

  /** Writes the file. @throws TurnkeepError `home_unwritable`. */
  save(): Promise<void> {
    const work = this.#writing.then(() => writePauses(this.#file, this.#pauses));
    this.#writing = work.catch(() => {});
    return work;
  }

  /** The first pause that is over and not noted in all sources yet. */
  get due(): (Pause & { to: string }) | undefined {
    return this.#pauses.find(isDue);
  }

  /** Notes the sources, by real path, in which a pause is still to be noted. */
  async leave(pause: Pause, left: string[]): Promise<void> {
    pause.left = left;
    // Only the time is needed from then on.
    if (left.length === 0) Object.assign(pause, { read: [], unread: [] });
    await this.save();
  }

  /**
   * Why a file must not be read by itself now: `paused`, or `unnoted` while a pause that is over is
   * not noted in it; null when it may be.
   */
  async waits(path: string): Promise<'paused' | 'unnoted' | null> {
    if (this.isOpen) return 'paused';
    return (await this.isUnnoted(path)) ? 'unnoted' : null;
  }

  /** Whether a pause that is over is still to be noted in a file. */
  async isUnnoted(path: string): Promise<boolean> {
    if (this.#holds > 0) return true;
    const due = this.#pauses.filter(isDue);
    if (due.length === 0) return false;
    const real = await realPath(path);
    return due.some(({ left }) => left === null || left.includes(real));
  }
}

function isDue(pause: Pause): pause is Pause & { to: string } {
  return pause.to !== null && (pause.left === null || pause.left.length > 0);
}

/** The path that links lead to; the path itself when it is gone. */
export function realPath(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
