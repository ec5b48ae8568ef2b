import { type BigIntStats, closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

/** Lets other work of the process run: reading a store is synchronous, a piece at a time. */
export const breathe = () => setImmediate();

/** A file opened for reading alone. Nothing here writes, locks, creates or deletes. */
export class ReadFile {
  readonly #descriptor: number;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Null when there is no such file. @throws the system's error when it may not be read. */
  static open(path: string): ReadFile | null {
    try {
      return new ReadFile(openSync(path, 'r'));
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  /** Fills `target` from this place on; gives how many bytes there were. */
  read(target: Buffer, position: number): number {
    let filled = 0;
    while (filled < target.length) {
      const count = readSync(
        this.#descriptor,
        target,
        filled,
        target.length - filled,
        position + filled,
      );
      if (count === 0) break;
      filled += count;
    }
    return filled;
  }

  stat(): BigIntStats {
    return fstatSync(this.#descriptor, { bigint: true });
  }

  get bytes(): number {
    return Number(this.stat().size);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** Which file it is and in which state, in one comparable text. */
export function stateOf(file: ReadFile | null): string {
  if (!file) return 'absent';
  const { dev, ino, size, mtimeNs } = file.stat();
  return `${dev}/${ino}/${size}/${mtimeNs}`;
}

/**
 * Whether a transaction without a write-ahead log is under way, or was broken off: then the
 * database file may hold half of it. A journal that is done with is deleted, emptied or zeroed.
 */
export function hasHotJournal(database: string): boolean {
  const path = `${database}-journal`;
  if (!existsSync(path)) return false;
  const journal = ReadFile.open(path);
  if (!journal) return false;
  try {
    const start = Buffer.alloc(8);
    return journal.read(start, 0) > 0 && start.some((byte) => byte !== 0);
  } finally {
    journal.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
