import { createReadStream } from 'node:fs';

const LONGEST_LINE = 64 * 1024 * 1024;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const CHUNK = 1 << 18;

export type Line = {
  /** From 1. */
  number: number;
  /** Null when the line is longer than 64 MiB. */
  text: string | null;
  /** True when it ends with a line break; the last line of a file being written may not. */
  ended: boolean;
};

/**
 * The lines of a UTF-8 file, one at a time: without a byte order mark at the beginning and without
 * `\r` at the end. Holds no more than one line and one chunk.
 * @throws the error of the file system when it cannot be read, and the reason of an abort.
 */
export async function* readLines(path: string, signal?: AbortSignal): AsyncGenerator<Line> {
  const stream = createReadStream(path, { highWaterMark: CHUNK });
  let parts: Buffer[] = [];
  let length = 0;
  let number = 0;
  const hold = (piece: Buffer) => {
    length += piece.length;
    if (length <= LONGEST_LINE) parts.push(piece);
    else parts = [];
  };
  const take = (ended: boolean): Line => {
    number += 1;
    const text = length > LONGEST_LINE ? null : decode(parts, number === 1);
    parts = [];
    length = 0;
    return { number, text, ended };
  };
  try {
    for await (const chunk of stream) {
      signal?.throwIfAborted();
      const data: Buffer = chunk;
      let from = 0;
      for (let at = data.indexOf(NEWLINE); at >= 0; at = data.indexOf(NEWLINE, from)) {
        hold(data.subarray(from, at));
        yield take(true);
        from = at + 1;
      }
      if (from < data.length) hold(data.subarray(from));
    }
    if (length > 0) yield take(false);
  } finally {
    stream.destroy();
  }
}

function decode(parts: Buffer[], first: boolean): string {
  const [only] = parts;
  const bytes = parts.length === 1 && only ? only : Buffer.concat(parts);
  const end = bytes.at(-1) === RETURN ? bytes.length - 1 : bytes.length;
  // Windows programs write one byte order mark, some two.
  const text = bytes.toString('utf8', 0, end);
  return first ? text.replace(/^\uFEFF+/, '') : text;
}
