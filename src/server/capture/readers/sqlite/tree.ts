import type { Pages } from './pages.ts';
import { corrupt, StoreError } from './problem.ts';
import { readVarint } from './varint.ts';

/** Rows larger than this are not read, so that no store can take all memory. */
export const LARGEST_ROW = 32 * 1024 * 1024;

export const INDEX_BRANCH = 2;
export const TABLE_BRANCH = 5;
export const INDEX_LEAF = 10;
export const TABLE_LEAF = 13;

/** A page of a B-tree: `kind` says what its cells are. */
export type Node = {
  kind: number;
  cells: number;
  /** Where a cell begins in `bytes`. @throws StoreError when that is outside. */
  cell(index: number): number;
  /** The last child of a branch; 0 for a leaf. */
  last: number;
  bytes: Buffer;
};

/** Reads one page of a B-tree. @throws StoreError when it is none. */
export function readNode(pages: Pages, number: number): Node {
  const bytes = pages.page(number);
  const start = number === 1 ? 100 : 0;
  const kind = bytes.readUInt8(start);
  const branch = kind === INDEX_BRANCH || kind === TABLE_BRANCH;
  if (!branch && kind !== INDEX_LEAF && kind !== TABLE_LEAF) {
    throw corrupt(`page ${number} is no part of a table.`);
  }
  const cells = bytes.readUInt16BE(start + 3);
  const pointers = start + (branch ? 12 : 8);
  if (pointers + cells * 2 > bytes.length) throw corrupt(`page ${number} names too many rows.`);
  return {
    kind,
    cells,
    bytes,
    last: branch ? bytes.readUInt32BE(start + 8) : 0,
    cell(index) {
      const place = bytes.readUInt16BE(pointers + index * 2);
      if (place < pointers || place + 4 > bytes.length) {
        throw corrupt(`page ${number} names a row outside of it.`);
      }
      return place;
    },
  };
}

/** Counts pages, so that pages that lead to each other in a circle end with an error. */
export class Walk {
  #left: number;

  constructor(pages: Pages) {
    this.#left = pages.count;
  }

  node(pages: Pages, number: number): Node {
    this.#left -= 1;
    if (this.#left < 0) throw corrupt('its pages lead in a circle.');
    return readNode(pages, number);
  }
}

/** The payload of a cell, `start` being where its length stands, with what lies on other pages. */
export function readPayload(
  pages: Pages,
  bytes: Buffer,
  length: number,
  start: number,
  kind: number,
): Buffer {
  const local = localBytes(pages.usable, length, kind);
  if (length > LARGEST_ROW) {
    const megabytes = Math.ceil(length / 1024 / 1024);
    throw new StoreError('unsupported', `The row has ${megabytes} MB; up to 32 MB are read.`);
  }
  if (start + local > pages.usable) throw corrupt('a row reaches over its page.');
  if (local === length) return bytes.subarray(start, start + length);
  const payload = Buffer.allocUnsafeSlow(length);
  bytes.copy(payload, 0, start, start + local);
  let next = bytes.readUInt32BE(start + local);
  for (let filled = local; filled < length; ) {
    const page = pages.page(next);
    const end = Math.min(pages.usable, 4 + length - filled);
    filled += page.copy(payload, filled, 4, end);
    next = page.readUInt32BE(0);
  }
  return payload;
}

/** How much of a payload is on the page of its cell itself, as SQLite's file format lays down. */
function localBytes(usable: number, length: number, kind: number): number {
  const most = kind === TABLE_LEAF ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
  if (length <= most) return length;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitting = least + ((length - least) % (usable - 4));
  return fitting <= most ? fitting : least;
}

/** Length of a cell's payload and where it begins, after `at`. */
export function payloadAt(bytes: Buffer, at: number): { length: number; start: number } {
  const length = readVarint(bytes, at);
  return { length: length.value, start: length.end };
}
