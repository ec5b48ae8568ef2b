import type { Pages } from './pages.ts';
import { corrupt } from './problem.ts';
import { type Column, readRecord } from './record.ts';
import { readPayload, TABLE_BRANCH, TABLE_LEAF, Walk } from './tree.ts';
import { readVarint } from './varint.ts';

/** One row of a table by its number; null when it has none of that number. */
export function findRow(pages: Pages, root: number, row: number, columns: number): Column[] | null {
  const walk = new Walk(pages);
  let node = walk.node(pages, root);
  while (node.kind === TABLE_BRANCH) {
    const at = firstCell(node.cells, (index) => {
      return readVarint(node.bytes, node.cell(index) + 4).value >= row;
    });
    const child = at < node.cells ? node.bytes.readUInt32BE(node.cell(at)) : node.last;
    node = walk.node(pages, child);
  }
  if (node.kind !== TABLE_LEAF) throw corrupt('a table leads to an index.');
  const { bytes, cells } = node;
  const rowAt = (index: number) => {
    const length = readVarint(bytes, node.cell(index));
    return { length: length.value, row: readVarint(bytes, length.end) };
  };
  const at = firstCell(cells, (index) => rowAt(index).row.value >= row);
  if (at >= cells) return null;
  const found = rowAt(at);
  if (found.row.value !== row) return null;
  return readRecord(readPayload(pages, bytes, found.length, found.row.end, TABLE_LEAF), columns);
}

/** Every row of a table in the order of their numbers. */
export function* allRows(
  pages: Pages,
  root: number,
  columns: number,
  walk = new Walk(pages),
): Generator<Column[]> {
  const node = walk.node(pages, root);
  if (node.kind === TABLE_BRANCH) {
    for (let index = 0; index < node.cells; index += 1) {
      const child = node.bytes.readUInt32BE(node.cell(index));
      yield* allRows(pages, child, columns, walk);
    }
    yield* allRows(pages, node.last, columns, walk);
    return;
  }
  if (node.kind !== TABLE_LEAF) throw corrupt('a table leads to an index.');
  for (let index = 0; index < node.cells; index += 1) {
    const length = readVarint(node.bytes, node.cell(index));
    const { end } = readVarint(node.bytes, length.end);
    yield readRecord(readPayload(pages, node.bytes, length.value, end, TABLE_LEAF), columns);
  }
}

/** The first of `count` ordered places for which `reached` holds; `count` when none does. */
export function firstCell(count: number, reached: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (reached(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
