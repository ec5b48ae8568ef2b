import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** A term near in meaning, and how near (cosine, 0 to 1). */
export type Similar = { term: string; likeness: number };

const MAGIC = 'TKWT';
const VERSION = 1;
const HEADER = 16;

/** Which index terms mean about the same, nearest first. Made by `scripts/buildWordTable.mjs`. */
export class WordTable {
  readonly #terms: string[];
  readonly #index: Map<string, number>;
  readonly #starts: Uint32Array;
  readonly #ids: Uint16Array;
  readonly #likeness: Uint8Array;

  /** @throws Error when the bytes are no table of this version. */
  constructor(bytes: Uint8Array) {
    const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const text = new TextDecoder();
    if (text.decode(bytes.subarray(0, 4)) !== MAGIC || data.getUint32(4, true) !== VERSION) {
      throw new Error('The word table is damaged or of another version: install Turnkeep again.');
    }
    const count = data.getUint32(8, true);
    const names = bytes.subarray(bytes.byteLength - data.getUint32(12, true));
    this.#terms = text.decode(names).split('\n');
    this.#index = new Map(this.#terms.map((term, index) => [term, index]));
    this.#starts = Uint32Array.from({ length: count + 1 }, (_, index) =>
      data.getUint32(HEADER + index * 4, true),
    );
    const pairs = this.#starts[count] ?? 0;
    const ids = HEADER + (count + 1) * 4;
    this.#ids = Uint16Array.from({ length: pairs }, (_, index) =>
      data.getUint16(ids + index * 2, true),
    );
    this.#likeness = bytes.slice(ids + pairs * 2, ids + pairs * 3);
  }

  /** Terms that mean about the same, nearest first; none for a term that the table lacks. */
  similar = (term: string, least: number): Similar[] => {
    const row = this.#index.get(term);
    const found: Similar[] = [];
    if (row === undefined) return found;
    for (let at = this.#starts[row] ?? 0; at < (this.#starts[row + 1] ?? 0); at += 1) {
      const likeness = (this.#likeness[at] ?? 0) / 255;
      const other = this.#terms[this.#ids[at] ?? -1];
      if (likeness < least || other === undefined) break;
      found.push({ term: other, likeness });
    }
    return found;
  };
}

let table: Promise<WordTable> | undefined;

/** The table that ships with the server, read once. @throws Error when the file is not there. */
export function wordTable(): Promise<WordTable> {
  table ??= readFile(tableFile()).then((bytes) => new WordTable(bytes));
  return table;
}

/** Beside the bundle in `dist/`; when run from its source, in `assets/`. */
function tableFile(): URL {
  const beside = new URL('./wordTable.bin', import.meta.url);
  return existsSync(beside) ? beside : new URL('../../../../assets/wordTable.bin', import.meta.url);
}
