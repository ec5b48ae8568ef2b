import type { ReadFile } from './files.ts';
import type { Header } from './header.ts';
import { corrupt } from './problem.ts';
import { type Frames, type LogState, readFrame } from './writeAheadLog.ts';

/** Pages are read from the database in blocks of this size, as neighbours are mostly used too. */
const BLOCK_BYTES = 65_536;
const BLOCKS = 48;

/**
 * The pages of a database as one moment left them: those in the write-ahead log from there, all
 * others from the database file. Keeps a few megabytes of blocks, never more.
 */
export class Pages {
  readonly pageSize: number;
  readonly usable: number;
  readonly count: number;
  /** Pages taken from the database file since this was last emptied. */
  readonly taken = new Set<number>();
  readonly #database: ReadFile;
  readonly #log: { file: ReadFile; state: LogState; frames: Frames } | null;
  readonly #blocks = new Map<number, Buffer>();
  #last: { number: number; bytes: Buffer } | null = null;

  constructor(
    database: ReadFile,
    log: { file: ReadFile; state: LogState; frames: Frames } | null,
    header: Header,
    count: number,
  ) {
    this.#database = database;
    this.#log = log;
    this.pageSize = header.pageSize;
    this.usable = header.usable;
    this.count = count;
  }

  /** A page by its number, from 1. @throws StoreError when there is none. */
  page(number: number): Buffer {
    if (number < 1 || number > this.count) throw corrupt(`it names page ${number}.`);
    const frame = this.#log?.frames.get(number);
    if (frame === undefined) return this.#fromDatabase(number);
    if (this.#last?.number === number) return this.#last.bytes;
    const bytes = Buffer.allocUnsafe(this.pageSize);
    if (!this.#log || !readFrame(this.#log.file, this.#log.state, frame, number, bytes)) {
      throw corrupt(`page ${number} is gone from its write-ahead log.`);
    }
    this.#last = { number, bytes };
    return bytes;
  }

  #fromDatabase(number: number): Buffer {
    this.taken.add(number);
    const position = (number - 1) * this.pageSize;
    const index = Math.floor(position / BLOCK_BYTES);
    const block = this.#block(index);
    const start = position - index * BLOCK_BYTES;
    const bytes = block.subarray(start, start + this.pageSize);
    if (bytes.length < this.pageSize) throw corrupt(`it ends before page ${number}.`);
    return bytes;
  }

  #block(index: number): Buffer {
    const known = this.#blocks.get(index);
    if (known) {
      // The order of a map is that of putting in: what was used last is thrown out last.
      this.#blocks.delete(index);
      this.#blocks.set(index, known);
      return known;
    }
    // Always new memory: whoever holds a page of an older block goes on reading it.
    const block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    const bytes = block.subarray(0, this.#database.read(block, index * BLOCK_BYTES));
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size < BLOCKS) break;
      this.#blocks.delete(oldest);
    }
    this.#blocks.set(index, bytes);
    return bytes;
  }
}
