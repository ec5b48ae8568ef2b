import { corrupt } from './problem.ts';
import { readVarint } from './varint.ts';

/** A column of a row: text and BLOB as bytes, the others as they are. Floats are not needed. */
export type Column =
  | { kind: 'null' }
  | { kind: 'number'; value: number }
  | { kind: 'text' | 'blob'; bytes: Buffer };

const INTEGER_BYTES = [0, 1, 2, 3, 4, 6, 8] as const;

/** The columns of a record, at most `limit` of them. @throws StoreError when it is not whole. */
export function readRecord(payload: Buffer, limit: number): Column[] {
  const header = readVarint(payload, 0);
  const columns: Column[] = [];
  let at = header.end;
  let place = header.value;
  while (at < header.value && columns.length < limit) {
    const type = readVarint(payload, at);
    at = type.end;
    const bytes = bytesOf(type.value);
    if (place + bytes > payload.length) throw corrupt('a row in it is cut off.');
    columns.push(columnOf(type.value, payload.subarray(place, place + bytes)));
    place += bytes;
  }
  return columns;
}

function bytesOf(type: number): number {
  if (type >= 12) return Math.floor((type - 12) / 2);
  return type === 7 ? 8 : (INTEGER_BYTES[type] ?? 0);
}

function columnOf(type: number, bytes: Buffer): Column {
  if (type >= 12) return { kind: type % 2 === 0 ? 'blob' : 'text', bytes };
  if (type === 0 || type === 10 || type === 11) return { kind: 'null' };
  if (type === 8 || type === 9) return { kind: 'number', value: type - 8 };
  if (type === 7) return { kind: 'number', value: bytes.readDoubleBE(0) };
  if (bytes.length === 8) return { kind: 'number', value: Number(bytes.readBigInt64BE(0)) };
  return { kind: 'number', value: bytes.readIntBE(0, bytes.length) };
}
