import { corrupt, StoreError } from './problem.ts';

/** The first bytes of every SQLite database. */
export const MAGIC = 'SQLite format 3\0';
export const HEADER_BYTES = 100;
const UTF8 = 1;

export type Header = {
  pageSize: number;
  /** Bytes of a page that hold content: some pages keep a few at their end for extensions. */
  usable: number;
};

/**
 * What the first 100 bytes of a database file say.
 * @throws StoreError when it is no SQLite database, or of a kind that is not read.
 */
export function parseHeader(bytes: Buffer): Header {
  if (bytes.length < HEADER_BYTES || bytes.toString('latin1', 0, 16) !== MAGIC) {
    throw new StoreError('unsupported', 'This is not an SQLite database.');
  }
  const stored = bytes.readUInt16BE(16);
  const pageSize = stored === 1 ? 65_536 : stored;
  const usable = pageSize - bytes.readUInt8(20);
  if (!isPageSize(pageSize) || usable < 480) throw corrupt('its page size is not valid.');
  if (bytes.readUInt8(19) > 2) {
    throw new StoreError('unsupported', 'The store is of a newer SQLite format than is known.');
  }
  // A database without any table has 0 here.
  const encoding = bytes.readUInt32BE(56);
  if (encoding !== UTF8 && encoding !== 0) {
    throw new StoreError('unsupported', 'The store keeps its text in UTF-16, which is not read.');
  }
  return { pageSize, usable };
}

/** Whether SQLite can have pages of this many bytes. */
export function isPageSize(bytes: number): boolean {
  return bytes >= 512 && bytes <= 65_536 && (bytes & (bytes - 1)) === 0;
}
