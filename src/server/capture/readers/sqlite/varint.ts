import { corrupt } from './problem.ts';

/** A number of SQLite's own variable length (big-endian, seven bits a byte) and where it ends. */
export type Varint = { value: number; end: number };

/** @throws StoreError when the bytes end before it does. */
export function readVarint(bytes: Buffer, start: number): Varint {
  let value = 0;
  for (let index = 0; index < 9; index += 1) {
    const byte = bytes[start + index];
    if (byte === undefined) throw corrupt('a number in it is cut off.');
    if (index === 8) return { value: value * 256 + byte, end: start + 9 };
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end: start + index + 1 };
  }
  return { value, end: start + 9 };
}
