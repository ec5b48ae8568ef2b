import type { SourceProblem } from '../../../../contracts/observed.ts';

/**
 * What was not understood in one file, told once per kind with the first place and a count: a
 * transcript in an unknown format has thousands of lines of the same kind.
 */
export class Problems {
  readonly #file: string;
  readonly #tell: (problem: SourceProblem) => void;
  readonly #seen = new Map<string, { at: number | string | null; count: number }>();

  constructor(file: string, tell: (problem: SourceProblem) => void) {
    this.#file = file;
    this.#tell = tell;
  }

  /** Notes a problem; `at` is the line from 1, the key of a row, or null for the whole file. */
  note(reason: string, at: number | string | null): void {
    const known = this.#seen.get(reason);
    if (known) known.count += 1;
    else this.#seen.set(reason, { at, count: 1 });
  }

  /** Tells what was noted since the last time. */
  flush(): void {
    for (const [reason, { at, count }] of this.#seen) {
      const times = count > 1 ? ` (${count} times, first here)` : '';
      this.#tell({ file: this.#file, at, reason: `${reason}${times}` });
    }
    this.#seen.clear();
  }
}

/** A name from a file in the words of a problem: short, printable, in quotes. */
export function named(value: unknown): string {
  const text = typeof value === 'string' ? value : typeof value;
  return JSON.stringify(text.replace(/[^\w.:/-]+/g, ' ').slice(0, 60));
}
