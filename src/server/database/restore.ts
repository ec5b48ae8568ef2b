import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { type Kysely, sql, type Transaction } from 'kysely';
import { TurnkeepError } from '../../contracts/errors.ts';
import { insertRows } from './changes.ts';
import { BACKUP_FORMAT, BACKUP_VERSION, type BackupHeader, type BackupTrailer } from './dump.ts';
import { errorCode } from './errors.ts';
import { refuseNewer } from './migrate.ts';
import { type DatabaseSchema, type TableName, tablesInOrder } from './schema.ts';
import { tables } from './tables.ts';

type Row = Record<string, unknown>;
type RowLine = { table: TableName; row: Row };
type Line = { value: unknown; bytes: Buffer };

const ROWS_AT_ONCE = 500;
const BYTES_AT_ONCE = 4 * 1024 * 1024;

/**
 * Loads a backup in one transaction: all of it or nothing. Refuses (`refused`) a database that
 * holds something, unless `replace`; and (`invalid_request`) a file that is no whole backup.
 */
export async function loadBackup(
  db: Kysely<DatabaseSchema>,
  file: string,
  options: { replace: boolean },
): Promise<{ rows: number }> {
  const lines = readLines(file);
  try {
    checkHeader(file, (await lines.next()).value);
    return await db.transaction().execute(async (transaction) => {
      await makeRoom(transaction, options.replace);
      return { rows: await loadRows(transaction, file, lines) };
    });
  } catch (error) {
    // SQLSTATE classes 22 and 23: values that the schema refuses.
    const code = errorCode(error);
    throw /^2[23]/.test(code) ? broken(file, `it holds rows that do not fit (${code})`) : error;
  } finally {
    await lines.return(undefined);
  }
}

async function makeRoom(transaction: Transaction<DatabaseSchema>, replace: boolean): Promise<void> {
  const list = sql.join(tablesInOrder.map((table) => sql.table(table)));
  if (replace) {
    await sql`truncate ${list}`.execute(transaction);
    return;
  }
  await sql`lock table ${list} in share row exclusive mode`.execute(transaction);
  for (const table of tablesInOrder) {
    const found = await sql`select 1 from ${sql.table(table)} limit 1`.execute(transaction);
    if (found.rows.length === 0) continue;
    throw new TurnkeepError(
      'refused',
      'The database holds conversations already. Restore into an empty one, or say --replace to ' +
        'put the backup in the place of what is stored.',
    );
  }
}

async function loadRows(
  transaction: Transaction<DatabaseSchema>,
  file: string,
  lines: AsyncGenerator<Line, undefined>,
): Promise<number> {
  let rows = 0;
  let trailer: BackupTrailer | undefined;
  const batch = new Batch(transaction);
  for await (const { value, bytes } of lines) {
    if (trailer) throw broken(file, 'it goes on after its end');
    if (isTrailer(value)) {
      trailer = value;
      continue;
    }
    if (!isRowLine(value)) throw broken(file, 'it holds a line that is no row');
    await batch.add(value, bytes.length);
    rows++;
  }
  if (!trailer) throw broken(file, 'its end is missing');
  if (trailer.rows !== rows) throw broken(file, `it has ${rows} rows of ${trailer.rows}`);
  await batch.flush();
  return rows;
}

/** Collects rows of one table, to insert many with one statement. */
class Batch {
  readonly #transaction: Transaction<DatabaseSchema>;
  #table: TableName | undefined;
  #rows: Row[] = [];
  #bytes = 0;

  constructor(transaction: Transaction<DatabaseSchema>) {
    this.#transaction = transaction;
  }

  async add({ table, row }: RowLine, bytes: number): Promise<void> {
    const isFull = this.#rows.length >= ROWS_AT_ONCE || this.#bytes + bytes > BYTES_AT_ONCE;
    if (table !== this.#table || isFull) await this.flush();
    this.#table = table;
    this.#rows.push(knownColumns(table, row));
    this.#bytes += bytes;
  }

  async flush(): Promise<void> {
    if (this.#table && this.#rows.length > 0) {
      await insertRows(this.#transaction, this.#table, this.#rows);
    }
    this.#rows = [];
    this.#bytes = 0;
  }
}

function knownColumns(table: TableName, row: Row): Row {
  const columns = Object.keys(tables[table].columns).filter((column) => column in row);
  return Object.fromEntries(columns.map((column) => [column, row[column]]));
}

function checkHeader(file: string, line: Line | undefined): void {
  const header = line?.value as Partial<BackupHeader> | undefined;
  if (header?.format !== BACKUP_FORMAT || !Array.isArray(header.schema)) {
    throw broken(file, 'it is not a Turnkeep backup');
  }
  if (header.version !== BACKUP_VERSION) {
    throw broken(file, `it has format ${String(header.version)}; update Turnkeep to read it`);
  }
  refuseNewer(header.schema);
}

/** Lines of the file with their bytes; checks the digest of the trailer on the way. */
async function* readLines(file: string): AsyncGenerator<Line, undefined> {
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
          throw broken(file, 'its content does not match its digest');
        }
        hash.update(bytes).update('\n');
        yield { value, bytes };
      }
      if (start < chunk.length) rest.push(chunk.subarray(start));
    }
  } catch (error) {
    throw readFailure(file, error);
  } finally {
    source.destroy();
  }
  if (rest.length > 0) throw broken(file, 'its end is missing');
  return undefined;
}

function parseLine(file: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw broken(file, 'it is not a Turnkeep backup');
  }
}

function readFailure(file: string, error: unknown): unknown {
  const code = errorCode(error);
  if (code === 'ENOENT') return new TurnkeepError('not_found', `There is no file ${file}.`);
  if (code === 'Z_BUF_ERROR') return broken(file, 'its end is missing');
  if (code.startsWith('Z_')) return broken(file, 'it is not a Turnkeep backup');
  if (code === 'EACCES' || code === 'EISDIR') {
    return new TurnkeepError('invalid_request', `${file} cannot be read (${code}).`);
  }
  return error;
}

function broken(file: string, reason: string): TurnkeepError {
  return new TurnkeepError(
    'invalid_request',
    `${file} was not restored: ${reason}. Nothing was changed; choose another backup.`,
  );
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
