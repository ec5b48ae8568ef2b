import { type FileHandle, open } from 'node:fs/promises';
import type { Change } from '../database.ts';
import { storageFailed } from '../errors.ts';
import { syncDirectory } from '../pglite/template.ts';
import { encodeRecord } from './records.ts';
import type { SegmentFolder } from './segments.ts';

const MAX_SEGMENT_BYTES = 4 * 1024 * 1024;

type Waiting = {
  resolve: () => void;
  reject: (error: unknown) => void;
};
type Segment = { number: number; handle: FileHandle; bytes: number };

/**
 * The append-only journal of acknowledged writes. Many writers share one fsync. When the disk
 * refuses, the writers are told and the records stay in `#backlog`: their rows are in the database
 * already, so no later write may be acknowledged before they are in the journal too.
 */
export class Journal {
  readonly #folder: SegmentFolder;
  #segment: Segment | undefined;
  #nextSegment: number;
  #nextRecord: number;
  #backlog: Buffer[] = [];
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  /** Records and bytes in the live segments. */
  readonly live: { entries: number; bytes: number };

  constructor(folder: SegmentFolder, start: { segment: number; record: number; live: Journal['live'] }) {
    this.#folder = folder;
    this.#nextSegment = start.segment;
    this.#nextRecord = start.record;
    this.live = { ...start.live };
  }

  /**
   * Resolves when the changes are on the disk. Call in the order of the commits. Rejects with
   * `storage_failed`; the changes are then written before the next ones that succeed.
   */
  append(changes: readonly Change[]): Promise<void> {
    if (changes.length > 0) {
      this.#backlog.push(encodeRecord({ n: this.#nextRecord++, changes: [...changes] }));
    }
    if (this.#backlog.length === 0 && !this.#flushing) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#startFlush();
    });
  }

  /** True when records wait that the disk refused. */
  get isBehind(): boolean {
    return this.#backlog.length > 0 && !this.#flushing;
  }

  /**
   * Ends the current segment. Gives the number of the last ended one: once the database has
   * everything on disk that was committed before this call, segments up to it can be removed.
   */
  async seal(): Promise<number> {
    await this.append([]);
    await this.#endSegment();
    return this.#nextSegment - 1;
  }

  /** Removes ended segments up to `last`. */
  async trim(last: number): Promise<void> {
    await this.#folder.removeThrough(last);
    const bytes = this.#segment?.bytes ?? 0;
    const records = this.#recordsInSegment;
    this.live.entries = records;
    this.live.bytes = bytes;
  }

  async close(): Promise<void> {
    await this.#flushing;
    await this.#endSegment();
  }

  #recordsInSegment = 0;

  #startFlush(): void {
    this.#flushing ??= this.#flushAll().finally(() => {
      this.#flushing = undefined;
    });
  }

  async #flushAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting;
      const records = this.#backlog;
      this.#waiting = [];
      this.#backlog = [];
      try {
        if (records.length > 0) await this.#write(records);
        for (const writer of waiting) writer.resolve();
      } catch (error) {
        this.#backlog = [...records, ...this.#backlog];
        const failure = storageFailed(error, this.#folder.path);
        for (const writer of waiting) writer.reject(failure);
      }
    }
  }

  async #write(records: readonly Buffer[]): Promise<void> {
    if (this.#segment && this.#segment.bytes >= MAX_SEGMENT_BYTES) await this.#endSegment();
    this.#segment ??= await this.#beginSegment();
    const segment = this.#segment;
    const bytes = records.length === 1 && records[0] ? records[0] : Buffer.concat(records);
    try {
      await segment.handle.appendFile(bytes);
      await segment.handle.datasync();
    } catch (error) {
      // What follows a partial line, or an fsync that failed, cannot be trusted: begin another.
      this.#segment = undefined;
      await segment.handle.truncate(segment.bytes).catch(() => undefined);
      await segment.handle.close().catch(() => undefined);
      throw error;
    }
    segment.bytes += bytes.length;
    this.#recordsInSegment += records.length;
    this.live.bytes += bytes.length;
    this.live.entries += records.length;
  }

  async #beginSegment(): Promise<Segment> {
    await this.#folder.create();
    const number = this.#nextSegment++;
    const handle = await open(this.#folder.file(number), 'ax', 0o600);
    try {
      await syncDirectory(this.#folder.path);
    } catch (error) {
      await handle.close();
      throw error;
    }
    this.#recordsInSegment = 0;
    return { number, handle, bytes: 0 };
  }

  async #endSegment(): Promise<void> {
    const segment = this.#segment;
    this.#segment = undefined;
    this.#recordsInSegment = 0;
    await segment?.handle.close();
  }
}
