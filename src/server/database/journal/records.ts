import { createHash } from 'node:crypto';
import type { Change } from '../database.ts';

/** The changes of one acknowledged write; `n` counts writes, without gaps. */
export type JournalRecord = { n: number; changes: Change[] };

const DIGEST_LENGTH = 16;
const NEWLINE = 0x0a;

/** A record as its line: digest of what follows, a space, JSON, newline. */
export function encodeRecord(record: JournalRecord): Buffer {
  const json = Buffer.from(JSON.stringify([record.n, record.changes]));
  return Buffer.concat([Buffer.from(`${digest(json)} `), json, Buffer.of(NEWLINE)]);
}

/** The record of a line (without its newline); `null` when the line is damaged. */
export function decodeRecord(line: Buffer): JournalRecord | null {
  if (line[DIGEST_LENGTH] !== 0x20) return null;
  const json = line.subarray(DIGEST_LENGTH + 1);
  if (line.toString('latin1', 0, DIGEST_LENGTH) !== digest(json)) return null;
  const [n, changes] = JSON.parse(json.toString('utf8')) as [number, Change[]];
  return { n, changes };
}

/** What a segment holds: its records, and the numbers of the lines that are damaged. */
export type SegmentContent = {
  records: JournalRecord[];
  /** Lines before the last good one: acknowledged writes may be lost in them. */
  damaged: number[];
  /** True when the end is cut off, as a crash leaves it: that write was never acknowledged. */
  torn: boolean;
};

/** Reads the bytes of a whole segment. */
export function parseSegment(bytes: Buffer): SegmentContent {
  const records: JournalRecord[] = [];
  const bad: number[] = [];
  let lastGood = 0;
  let lineNumber = 0;
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    lineNumber++;
    const record = newline < 0 ? null : decodeRecord(bytes.subarray(start, end));
    if (record) {
      records.push(record);
      lastGood = lineNumber;
    } else {
      bad.push(lineNumber);
    }
    start = end + 1;
  }
  const damaged = bad.filter((line) => line < lastGood);
  return { records, damaged, torn: bad.length > damaged.length };
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, DIGEST_LENGTH);
}
