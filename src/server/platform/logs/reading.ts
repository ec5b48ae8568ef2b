import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { LogRecord } from '../../../contracts/observationEndpoints.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { doesMatch, type LogFilter, mayMatch, recordOf } from './record.ts';

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** Where a page ended: lines of this file from here on were given. */
const logPlace = z.object({ file: z.number().int().min(0), before: z.number().int().min(0) });

type Line = { text: string; start: number };
type Page = { limit?: number | undefined; cursor?: string | undefined };

/** Numbers of the log files in a folder, newest first. */
async function fileNumbers(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names
    .flatMap((name) => /^server\.(\d{1,9})\.log$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a);
}

/** Lines of a file that begin before `end`, last first. A file that went away has none. */
async function* linesBackward(
  path: string,
  end: number,
  signal: AbortSignal,
): AsyncGenerator<Line> {
  const handle = await open(path, 'r').catch(() => null);
  if (!handle) return;
  try {
    let at = Math.min(end, (await handle.stat()).size);
    let rest: Buffer = Buffer.alloc(0);
    while (at > 0) {
      signal.throwIfAborted();
      const length = Math.min(CHUNK_BYTES, at);
      const chunk = Buffer.alloc(length);
      const { bytesRead } = await handle.read(chunk, 0, length, at - length);
      if (bytesRead < length) return;
      at -= length;
      let bytes = rest.length > 0 ? Buffer.concat([chunk, rest]) : chunk;
      for (;;) {
        // The newline that ends a line is part of it; the one before it ends the line before.
        const before = bytes.length < 2 ? -1 : bytes.lastIndexOf(NEWLINE, bytes.length - 2);
        if (before < 0) break;
        yield {
          text: bytes
            .subarray(before + 1)
            .toString('utf8')
            .trimEnd(),
          start: at + before + 1,
        };
        bytes = bytes.subarray(0, before + 1);
      }
      rest = bytes;
    }
    if (rest.length > 0) yield { text: rest.toString('utf8').trimEnd(), start: 0 };
  } finally {
    await handle.close();
  }
}

/**
 * Records of the log files in a folder that match, newest first, by pages.
 * @throws TurnkeepError `invalid_request` for a cursor of another list, or the signal's reason.
 */
export async function readLogs(
  folder: string,
  filter: LogFilter & Page,
  signal: AbortSignal,
): Promise<{ records: LogRecord[]; next_cursor: string | null }> {
  const limit = filter.limit ?? 100;
  const place = decodeCursor(logPlace, filter.cursor);
  const since = filter.since === undefined ? null : Date.parse(filter.since);
  const records: LogRecord[] = [];
  for (const number of await fileNumbers(folder)) {
    if (place && number > place.file) continue;
    const end = place?.file === number ? place.before : Number.POSITIVE_INFINITY;
    for await (const { text, start } of linesBackward(fileIn(folder, number), end, signal)) {
      if (!mayMatch(text, filter)) continue;
      const record = recordOf(text);
      if (!record) continue;
      // What was written before is older still.
      if (since !== null && Date.parse(record.time) < since) return { records, next_cursor: null };
      if (!doesMatch(record, filter)) continue;
      records.push(record);
      if (records.length === limit) {
        return { records, next_cursor: encodeCursor({ file: number, before: start }) };
      }
    }
  }
  return { records, next_cursor: null };
}

function fileIn(folder: string, number: number): string {
  return join(folder, `server.${number}.log`);
}
