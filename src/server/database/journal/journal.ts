import { type FileHandle, open } from 'node:fs/promises';
import type { Change } from '../database.ts';
import { storageFailed } from '../errors.ts';
import { syncDirectory } from '../pglite/template.ts';
import { encodeRecord } from './records.ts';
import type { SegmentFolder } from './segments.ts';

const MAX_SEGMENT_BYTES = 4 * 1024 * 1024;

/** A segment's number, and what it holds. */
export type SegmentSize = { number: number; entries: number; bytes: number };
type OpenSegment = SegmentSize & { handle: FileHandle };
type Waiting = { resolve: () => void; reject: (error: unknown) => void };

/**
 * The append-only journal of acknowledged writes. Many writers share one fsync. When the disk
 * refuses, the writers are told and the records stay in the backlog: their rows are in the
 * database already, so no later write may be acknowledged before they are in the journal too.
 */
export class Journal {
  readonly #folder: SegmentFolder;
  /** Segments that are complete, oldest first, and the one that is written. */
  #ended: SegmentSize[];
  #current: OpenSegment | undefined;
  #nextSegment: number;
  #nextRecord: number;
  #backlog: Buffer[] = [];
  #waiting: Waiting[] = [];
  /** File operations, one after the other. */
  #queue: Promise<void> = Promise.resolve();

  /** `ended` are the segments found at the start; records go on from `nextRecord`. */
  constructor(folder: SegmentFolder, ended: readonly SegmentSize[], nextRecord: number) {
    this.#folder = folder;
    this.#ended = [...ended];
    this.#nextSegment = (ended.at(-1)?.number ?? 0) + 1;
    this.#nextRecord = nextRecord;
  }

  /** Records and bytes that a start would replay. */
  get live(): { entries: number; bytes: number } {
    const all = [...this.#ended, ...(this.#current ? [this.#current] : [])];
    return {
      entries: all.reduce((sum, segment) => sum + segment.entries, 0),
      bytes: all.reduce((sum, segment) => sum + segment.bytes, 0),
    };
  }

  /** True when the disk refused records, which wait for the next write. */
  get isBehind(): boolean {
    return this.#backlog.length > 0 && this.#waiting.length === 0;
  }

  /**
   * Resolves when these changes and all before them are on the disk; call in the order of the
   * commits. Rejects with `storage_failed`: the changes are then written with the next ones.
   */
  append(changes: readonly Change[]): Promise<void> {
    if (changes.length > 0) {
      this.#backlog.push(encodeRecord({ n: this.#nextRecord++, changes: [...changes] }));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (this.#waiting.length === 1) this.#queue = this.#queue.then(() => this.#flush());
    });
  }

  /**
   * Ends the current segment. Gives the number of the last ended one: once the database has on
   * disk what was committed before this call, segments up to it can go (`trim`).
   */
  async seal(): Promise<number> {
    await this.append([]);
    const sealed = this.#queue.then(() => this.#endSegment());
    this.#queue = sealed;
    await sealed;
    return this.#ended.at(-1)?.number ?? 0;
  }

  /** Removes ended segments up to number `last`. */
  async trim(last: number): Promise<void> {
    await this.#folder.removeThrough(last);
    this.#ended = this.#ended.filter((segment) => segment.number > last);
  }

  /** Waits for what is under way and closes the file. */
  async close(): Promise<void> {
    await this.#queue;
    await this.#endSegment();
  }

  async #flush(): Promise<void> {
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

  async #write(records: readonly Buffer[]): Promise<void> {
    if (this.#current && this.#current.bytes >= MAX_SEGMENT_BYTES) await this.#endSegment();
    this.#current ??= await this.#beginSegment();
    const segment = this.#current;
    const bytes = Buffer.concat(records);
    try {
      await segment.handle.appendFile(bytes);
      await segment.handle.datasync();
    } catch (error) {
      // Nothing may follow a partial line, or bytes whose fsync failed: begin another segment.
      await segment.handle.truncate(segment.bytes).catch(() => undefined);
      await this.#endSegment().catch(() => undefined);
      throw error;
    }
    segment.bytes += bytes.length;
    segment.entries += records.length;
  }

  async #beginSegment(): Promise<OpenSegment> {
    await this.#folder.create();
    const number = this.#nextSegment++;
    const handle = await open(this.#folder.file(number), 'ax', 0o600);
    try {
      await syncDirectory(this.#folder.path);
    } catch (error) {
      await handle.close();
      throw error;
    }
    return { number, handle, entries: 0, bytes: 0 };
  }

  async #endSegment(): Promise<void> {
    const segment = this.#current;
    if (!segment) return;
    this.#current = undefined;
    const { number, entries, bytes } = segment;
    this.#ended.push({ number, entries, bytes });
    await segment.handle.close();
  }
}
