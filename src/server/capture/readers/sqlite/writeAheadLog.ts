import { type Checksum, carryChecksum } from './checksum.ts';
import { breathe, type ReadFile } from './files.ts';
import { isPageSize } from './header.ts';

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const CHUNK_BYTES = 1 << 20;
const LITTLE_ENDIAN = 0x377f0682;
const BIG_ENDIAN = 0x377f0683;

/**
 * What a write-ahead log holds, up to its last whole transaction. Frames that follow (of one that
 * is being written, broken off, or left from before the log was begun anew) do not count: their
 * salts or checksums do not fit.
 */
export type LogState = {
  /** Header of the log: another one when the log is begun anew. */
  readonly header: Buffer;
  readonly pageSize: number;
  readonly bigEndian: boolean;
  /** Frames that belong to whole transactions. */
  frames: number;
  /** Running checksum after these. */
  checksum: Checksum;
  /** Pages of the database after the last transaction; 0 when there is none in the log. */
  databasePages: number;
};

/** The pages of transactions, each with the number (from 0) of its latest frame. */
export type Frames = Map<number, number>;

/** The header of a log that has a valid one, with no frames read yet; null otherwise. */
export function openLog(file: ReadFile): LogState | null {
  const header = Buffer.alloc(HEADER_BYTES);
  if (file.read(header, 0) < HEADER_BYTES) return null;
  const magic = header.readUInt32BE(0);
  if (magic !== LITTLE_ENDIAN && magic !== BIG_ENDIAN) return null;
  const bigEndian = magic === BIG_ENDIAN;
  const checksum = carryChecksum([0, 0], header, 0, 24, bigEndian);
  const pageSize = header.readUInt32BE(8);
  const valid = checksum[0] === header.readUInt32BE(24) && checksum[1] === header.readUInt32BE(28);
  if (!valid || !isPageSize(pageSize)) return null;
  return { header, pageSize, bigEndian, frames: 0, checksum, databasePages: 0 };
}

/** Whether the log is still the one that `state` was read from, and not begun anew. */
export function isSameLog(file: ReadFile, state: LogState): boolean {
  const header = Buffer.alloc(HEADER_BYTES);
  return file.read(header, 0) === HEADER_BYTES && header.equals(state.header);
}

/** Reads the transactions that follow `state`, which is moved on, and gives their pages. */
export async function readTransactions(file: ReadFile, state: LogState): Promise<Frames> {
  const committed: Frames = new Map();
  const pending: Frames = new Map();
  const frameBytes = FRAME_HEADER_BYTES + state.pageSize;
  const perChunk = Math.max(1, Math.floor(CHUNK_BYTES / frameBytes));
  let { frames: frame, checksum } = state;
  for (;;) {
    const chunk = Buffer.allocUnsafe(
      Math.min(perChunk * frameBytes, Math.max(0, file.bytes - placeOf(state, frame))),
    );
    const read = file.read(chunk, placeOf(state, frame));
    const whole = Math.floor(read / frameBytes);
    for (let index = 0; index < whole; index += 1) {
      const start = index * frameBytes;
      const next = checkFrame(chunk, start, state, checksum);
      if (!next) return committed;
      checksum = next;
      pending.set(chunk.readUInt32BE(start), frame);
      frame += 1;
      const databasePages = chunk.readUInt32BE(start + 4);
      if (databasePages === 0) continue;
      for (const [page, at] of pending) committed.set(page, at);
      pending.clear();
      Object.assign(state, { frames: frame, checksum, databasePages });
    }
    if (whole < perChunk) return committed;
    await breathe();
  }
}

/** Reads the page in a frame; false when the frame is not whole or not of this page. */
export function readFrame(
  file: ReadFile,
  state: LogState,
  frame: number,
  page: number,
  target: Buffer,
): boolean {
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  const place = placeOf(state, frame);
  return (
    file.read(header, place) === FRAME_HEADER_BYTES &&
    header.readUInt32BE(0) === page &&
    hasSalts(header, 0, state) &&
    file.read(target, place + FRAME_HEADER_BYTES) === target.length
  );
}

const placeOf = (state: LogState, frame: number) =>
  HEADER_BYTES + frame * (FRAME_HEADER_BYTES + state.pageSize);

const hasSalts = (bytes: Buffer, start: number, state: LogState) =>
  bytes.compare(state.header, 16, 24, start + 8, start + 16) === 0;

/** The running checksum after a frame; null when the frame does not belong to the log. */
function checkFrame(
  bytes: Buffer,
  start: number,
  state: LogState,
  before: Checksum,
): Checksum | null {
  if (bytes.readUInt32BE(start) === 0 || !hasSalts(bytes, start, state)) return null;
  const { bigEndian } = state;
  const head = carryChecksum(before, bytes, start, start + 8, bigEndian);
  const body = start + FRAME_HEADER_BYTES;
  const after = carryChecksum(head, bytes, body, body + state.pageSize, bigEndian);
  const fits =
    after[0] === bytes.readUInt32BE(start + 16) && after[1] === bytes.readUInt32BE(start + 20);
  return fits ? after : null;
}
