import { stat } from 'node:fs/promises';
import type { CaptureSettings } from '../../../contracts/capture.ts';
import type { SettingsPatch, SettingsStore } from '../settings/settings.ts';
import type { Pauses } from './pauses.ts';

/** Pausing does not wait longer than this for what was said before to be read. */
const READ_MS = 10_000;

export type PausingParts = {
  /** Absolute path of `capture.json`. */
  file: string;
  settings: SettingsStore;
  pauses: Pauses;
  /** Stores what was said so far; gives the real paths of watched sources that were not read. */
  readAll: (signal: AbortSignal) => Promise<string[]>;
  /** A pause has ended: what was said in it is to be noted. */
  onEnd: () => void;
};

/**
 * Begins and ends pauses of capture, so that what is said in one is not stored later either. A
 * `paused` that was written into `capture.json` by hand is noticed while the server runs, and at its
 * start; the pause then begins and ends when the file was last written. A pause that was begun and
 * ended by hand while no server ran leaves no trace.
 */
export class Pausing {
  readonly #parts: PausingParts;
  /** Nothing is read before it is known whether a pause lasts. */
  readonly #release: () => void;
  #work: Promise<unknown> = Promise.resolve();

  constructor(parts: PausingParts) {
    this.#parts = parts;
    this.#release = parts.pauses.hold();
  }

  /** Changes the settings. Throws as {@link SettingsStore.set}. */
  async set(patch: SettingsPatch): Promise<CaptureSettings> {
    await this.follow();
    return this.#inTurn(async () => {
      const { settings } = this.#parts;
      const before = await settings.current();
      if (patch.paused === true && !before.paused) return this.#begin(patch, before);
      if (patch.paused === false && before.paused) return this.#end(patch);
      return settings.set(patch);
    });
  }

  /** Takes a change of `capture.json` into account that was made by hand. */
  async follow(): Promise<void> {
    const { settings, pauses } = this.#parts;
    const { paused } = await settings.current();
    if (paused !== pauses.isOpen) await this.#inTurn(() => this.#catchUp());
    this.#release();
  }

  async #begin(patch: SettingsPatch, before: CaptureSettings): Promise<CaptureSettings> {
    const { settings, pauses, readAll } = this.#parts;
    const unread = await readAll(AbortSignal.timeout(READ_MS));
    const { watch: read, exclude } = before;
    pauses.open(new Date().toISOString(), { read, unread, exclude });
    const after = await settings.set(patch).catch((error: Error) => {
      pauses.drop();
      throw error;
    });
    // A crash before this is as a pause by hand.
    await pauses.save();
    return after;
  }

  async #end(patch: SettingsPatch): Promise<CaptureSettings> {
    const { settings, pauses, onEnd } = this.#parts;
    const release = pauses.hold();
    try {
      const after = await settings.set(patch);
      await pauses.close(new Date().toISOString());
      return after;
    } finally {
      release();
      onEnd();
    }
  }

  async #catchUp(): Promise<void> {
    const { settings, pauses, file } = this.#parts;
    const { paused, exclude } = await settings.current();
    if (paused === pauses.isOpen) return;
    const written = await stat(file).catch(() => null);
    const at = (written?.mtime ?? new Date()).toISOString();
    if (!paused) return pauses.close(at);
    pauses.open(at, { read: [], unread: [], exclude });
    await pauses.save();
  }

  /** One at a time: a pause begins after the one before has ended. */
  #inTurn<R>(work: () => Promise<R>): Promise<R> {
    const result = this.#work.then(work);
    this.#work = result.catch(() => {});
    return result;
  }
}
