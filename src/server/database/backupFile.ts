import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { BACKUP_FORMAT } from '../../contracts/backupFiles.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import { errorCode, isSystemError, storageFailed } from './errors.ts';
import { syncDirectory } from './pglite/template.ts';
import { type TableName, tablesInOrder } from './schema.ts';

export const BACKUP_VERSION = 1;

/** First line of a backup. */
export type BackupHeader = {
  format: typeof BACKUP_FORMAT;
  version: number;
  /** Migrations that the database had. */
  schema: string[];
  created_at: string;
  /** Rows of each table when the backup began; absent once something was taken out of it. */
  counts?: Record<TableName, number>;
};
/** Every line between the first and the last: a row, JSON columns as text. */
export type RowLine = { table: TableName; row: Record<string, unknown> };
/** Last line: how many rows come before it and the SHA-256 of all bytes before it, in hex. */
type BackupTrailer = { end: true; rows: number; sha256: string };

let turn: Promise<unknown> = Promise.resolve();

/**
 * Runs work on backups one after the other: a backup that is under way must not bring back what a
 * deletion takes out of the files at the same time.
 */
export function oneAtATime<R>(work: () => Promise<R>): Promise<R> {
  const mine = turn.then(work, work);
  turn = mine.catch(() => undefined);
  return mine;
}

/**
 * Writes a backup that appears under its name only when it is whole, mode 0600; gives its rows.
 * @throws TurnkeepError `storage_failed`; and what `rows` throws.
 */
export async function writeBackupFile(
  file: string,
  header: BackupHeader,
  rows: AsyncIterable<RowLine>,
): Promise<{ rows: number; bytes: number }> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const counter = { rows: 0 };
    const lines = Readable.from(backupLines(header, rows, counter), {
      objectMode: true,
      highWaterMark: 1,
    });
    await pipeline(lines, createGzip(), createWriteStream(temporary, { mode: 0o600, flags: 'w' }));
    const handle = await open(temporary, 'r+');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    await syncDirectory(dirname(file));
    return { rows: counter.rows, bytes: (await stat(file)).size };
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw isSystemError(error) ? storageFailed(error, dirname(file)) : error;
  }
}

async function* backupLines(
  header: BackupHeader,
  rows: AsyncIterable<RowLine>,
  counter: { rows: number },
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  const line = (value: unknown): Buffer => {
    const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
    hash.update(bytes);
    return bytes;
  };
  yield line(header);
  for await (const row of rows) {
    counter.rows++;
    yield line(row);
  }
  const trailer: BackupTrailer = { end: true, rows: counter.rows, sha256: hash.digest('hex') };
  yield Buffer.from(`${JSON.stringify(trailer)}\n`);
}

/**
 * Reads a backup: its header, then its rows, each with the bytes of its line. The last row has come
 * only when digest and number of rows were right.
 * @throws TurnkeepError `not_found`, and `invalid_request` for a file that is no whole backup.
 */
export async function* readBackup(
  file: string,
): AsyncGenerator<
  | { header: BackupHeader; line?: never; bytes: 0 }
  | { header?: never; line: RowLine; bytes: number }
> {
  let rows = 0;
  let isFirst = true;
  let trailer: BackupTrailer | undefined;
  for await (const { value, bytes } of readLines(file)) {
    if (isFirst) {
      isFirst = false;
      yield { header: headerOf(file, value), bytes: 0 };
    } else if (trailer) {
      throw brokenBackup(file, 'it goes on after its end');
    } else if (isTrailer(value)) {
      trailer = value;
    } else if (isRowLine(value)) {
      rows++;
      yield { line: value, bytes };
    } else {
      throw brokenBackup(file, 'it holds a line that is no row');
    }
  }
  if (isFirst) throw brokenBackup(file, 'it is not a Turnkeep backup');
  if (!trailer) throw brokenBackup(file, 'its end is missing');
  if (trailer.rows !== rows) throw brokenBackup(file, `it has ${rows} rows of ${trailer.rows}`);
}

/** What to throw for a file that cannot be used as a backup. */
export function brokenBackup(file: string, reason: string): TurnkeepError {
  return new TurnkeepError('invalid_request', `${file} is no whole backup: ${reason}.`);
}

function headerOf(file: string, value: unknown): BackupHeader {
  const header = value as Partial<BackupHeader> | null;
  if (header?.format !== BACKUP_FORMAT || !Array.isArray(header.schema)) {
    throw brokenBackup(file, 'it is not a Turnkeep backup');
  }
  if (header.version !== BACKUP_VERSION) {
    throw brokenBackup(file, `it has format ${String(header.version)}; update Turnkeep to read it`);
  }
  return header as BackupHeader;
}

/** Lines of the file with their length; checks the digest of the trailer on the way. */
async function* readLines(file: string): AsyncGenerator<{ value: unknown; bytes: number }> {
  const source = createReadStream(file);
  const unzipped = createGunzip();
  source.on('error', (error) => unzipped.destroy(error));
  source.pipe(unzipped);
  const hash = createHash('sha256');
  let rest: Buffer[] = [];
  try {
    for await (const chunk of unzipped as AsyncIterable<Buffer>) {
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        const bytes = Buffer.concat([...rest, chunk.subarray(start, end)]);
        rest = [];
        start = end + 1;
        const value = parseLine(file, bytes);
        if (isTrailer(value) && value.sha256 !== hash.copy().digest('hex')) {
          throw brokenBackup(file, 'its content does not match its digest');
        }
        hash.update(bytes).update('\n');
        yield { value, bytes: bytes.length };
      }
      if (start < chunk.length) rest.push(chunk.subarray(start));
    }
  } catch (error) {
    throw readFailure(file, error);
  } finally {
    source.destroy();
  }
  if (rest.length > 0) throw brokenBackup(file, 'its end is missing');
}

function parseLine(file: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw brokenBackup(file, 'it is not a Turnkeep backup');
  }
}

function readFailure(file: string, error: unknown): unknown {
  const code = errorCode(error);
  if (code === 'ENOENT') return new TurnkeepError('not_found', `There is no file ${file}.`);
  if (code === 'Z_BUF_ERROR') return brokenBackup(file, 'its end is missing');
  if (code.startsWith('Z_')) return brokenBackup(file, 'it is not a Turnkeep backup');
  if (code === 'EACCES' || code === 'EISDIR') {
    return new TurnkeepError('invalid_request', `${file} cannot be read (${code}).`);
  }
  return error;
}

function isTrailer(value: unknown): value is BackupTrailer {
  return isObject(value) && value.end === true && typeof value.sha256 === 'string';
}

function isRowLine(value: unknown): value is RowLine {
  return (
    isObject(value) && (tablesInOrder as unknown[]).includes(value.table) && isObject(value.row)
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
