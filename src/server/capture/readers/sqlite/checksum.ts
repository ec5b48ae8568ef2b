/** The two halves of a write-ahead log's running checksum. */
export type Checksum = readonly [number, number];

/**
 * Carries the running checksum over more bytes (a multiple of 8), as SQLite defines it for its
 * write-ahead log.
 */
export function carryChecksum(
  from: Checksum,
  bytes: Buffer,
  start: number,
  end: number,
  bigEndian: boolean,
): Checksum {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [first, second] = from;
  for (let at = start; at < end; at += 8) {
    first = (first + view.getUint32(at, !bigEndian) + second) >>> 0;
    second = (second + view.getUint32(at + 4, !bigEndian) + first) >>> 0;
  }
  return [first, second];
}
