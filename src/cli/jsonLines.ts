import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { z } from 'zod';
import { checkMessageSize, checkMetadataSize } from '../client/capture.ts';
import { TurnkeepError } from '../contracts/errors.ts';
import { decodeUtf8 } from './input.ts';

/** Two whole messages in the longest escapes. */
const LONGEST_LINE = 100 * 1024 * 1024;
const NEWLINE = 0x0a;

export type JsonLine<T> = {
  /** From 1. */
  number: number;
  /** Bytes of the file up to the end of this line. */
  end: number;
} & ({ ok: true; value: T; size: number } | { ok: false; problem: string });

/** The size of a file to read, in bytes; 0 for standard input. Throws `invalid_request`. */
export async function inputSize(file: string): Promise<number> {
  if (file === '-') return 0;
  const found = await stat(file).catch((cause: Error) => {
    throw new TurnkeepError('invalid_request', `${file} cannot be read (${cause.message}).`);
  });
  if (found.isDirectory()) {
    throw new TurnkeepError('invalid_request', `${file} is a folder; a JSONL file is expected.`);
  }
  return found.size;
}

/**
 * The lines of a JSONL file, or of standard input for `-`, one at a time. A line that is malformed,
 * or holds a message or metadata over the limits, is given with what is wrong; empty lines are
 * passed over.
 */
export async function* readJsonLines<T>(
  file: string,
  schema: z.ZodType<T>,
): AsyncGenerator<JsonLine<T>> {
  let number = 0;
  for await (const { bytes, end } of byteLines(file)) {
    number += 1;
    const line = parseLine(bytes, schema);
    if (line) yield { number, end, ...line };
  }
}

type Parsed<T> = { ok: true; value: T; size: number } | { ok: false; problem: string };

function parseLine<T>(bytes: Buffer | null, schema: z.ZodType<T>): Parsed<T> | null {
  if (!bytes) return { ok: false, problem: 'the line is longer than 100 MiB' };
  try {
    const text = decodeUtf8(bytes, 'the line').trim();
    if (text === '') return null;
    const raw: unknown = JSON.parse(text);
    const parsed = schema.safeParse(raw);
    if (!parsed.success) return { ok: false, problem: problemsOf(parsed.error) };
    checkLimits(raw);
    return { ok: true, value: parsed.data, size: bytes.length };
  } catch (thrown) {
    const problem = thrown instanceof Error ? thrown.message : String(thrown);
    return { ok: false, problem: thrown instanceof SyntaxError ? `not JSON: ${problem}` : problem };
  }
}

function problemsOf(error: z.ZodError): string {
  const told = error.issues.slice(0, 3).map(({ path, message }) => {
    return path.length > 0 ? `${path.join('.')}: ${message}` : message;
  });
  return told.join('; ');
}

function checkLimits(raw: unknown): void {
  if (typeof raw !== 'object' || raw === null) return;
  for (const [key, value] of Object.entries(raw)) {
    if (typeof value === 'string') checkMessageSize(value, key);
    if (key === 'metadata') checkMetadataSize(value);
  }
}

/** Lines as bytes; null for one that is too long to be held in memory. */
async function* byteLines(file: string): AsyncGenerator<{ bytes: Buffer | null; end: number }> {
  const stream = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 1 << 18 });
  let parts: Buffer[] = [];
  let length = 0;
  let position = 0;
  const take = () => {
    const bytes = length > LONGEST_LINE ? null : Buffer.concat(parts);
    parts = [];
    length = 0;
    return bytes;
  };
  const hold = (piece: Buffer) => {
    length += piece.length;
    if (length <= LONGEST_LINE) parts.push(piece);
    else parts = [];
  };
  for await (const chunk of stream) {
    const data: Buffer = chunk;
    let from = 0;
    for (let at = data.indexOf(NEWLINE); at >= 0; at = data.indexOf(NEWLINE, from)) {
      hold(data.subarray(from, at));
      yield { bytes: take(), end: position + at + 1 };
      from = at + 1;
    }
    hold(data.subarray(from));
    position += data.length;
  }
  if (length > 0) yield { bytes: take(), end: position };
}
