import type { Pages } from './pages.ts';
import { corrupt } from './problem.ts';
import { type Column, readRecord } from './record.ts';
import { firstCell } from './table.ts';
import { INDEX_BRANCH, INDEX_LEAF, type Node, payloadAt, readPayload, Walk } from './tree.ts';

/** A key in an index over one text column, and the number of the row that has it. */
export type Entry = { key: Buffer; row: number };

/** The text keys of an index that are not below `from`, in the order of their bytes. */
export function* entriesFrom(
  pages: Pages,
  root: number,
  from: Buffer,
  walk = new Walk(pages),
): Generator<Entry> {
  const node = walk.node(pages, root);
  if (node.kind !== INDEX_BRANCH && node.kind !== INDEX_LEAF) {
    throw corrupt('an index leads to a table.');
  }
  const branch = node.kind === INDEX_BRANCH;
  const first = firstCell(node.cells, (index) => {
    return order(columnsAt(pages, node, index)[0], from) >= 0;
  });
  for (let index = first; index < node.cells; index += 1) {
    // Everything below the child of the first cell that is reached may still be below `from`.
    if (branch) {
      const child = node.bytes.readUInt32BE(node.cell(index));
      yield* entriesFrom(pages, child, from, walk);
    }
    const [key, row] = columnsAt(pages, node, index);
    if (key?.kind === 'text' && row?.kind === 'number') yield { key: key.bytes, row: row.value };
  }
  if (branch) yield* entriesFrom(pages, node.last, from, walk);
}

function columnsAt(pages: Pages, node: Node, index: number): Column[] {
  const cell = node.cell(index) + (node.kind === INDEX_BRANCH ? 4 : 0);
  const { length, start } = payloadAt(node.bytes, cell);
  return readRecord(readPayload(pages, node.bytes, length, start, node.kind), 2);
}

/** SQLite sorts NULL and numbers before text, and BLOBs after it. */
function order(key: Column | undefined, from: Buffer): number {
  if (key?.kind === 'text') return Buffer.compare(key.bytes, from);
  return key?.kind === 'blob' ? 1 : -1;
}
