import { type Kysely, sql, type Transaction } from 'kysely';
import { TurnkeepError } from '../../contracts/errors.ts';
import { brokenBackup, type RowLine, readBackup } from './backupFile.ts';
import { insertRows } from './changes.ts';
import { errorCode } from './errors.ts';
import { refuseNewer } from './migrate.ts';
import { type DatabaseSchema, type TableName, tablesInOrder } from './schema.ts';
import { tables } from './tables.ts';

type Row = Record<string, unknown>;
type Lines = ReturnType<typeof readBackup>;

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
  const lines = readBackup(file);
  try {
    refuseNewer((await lines.next()).value?.header?.schema ?? []);
    return await db.transaction().execute(async (transaction) => {
      await makeRoom(transaction, options.replace);
      return { rows: await loadRows(transaction, lines) };
    });
  } catch (error) {
    throw notRestored(file, error);
  } finally {
    await lines.return(undefined);
  }
}

function notRestored(file: string, error: unknown): unknown {
  // SQLSTATE classes 22 and 23: values that the schema refuses.
  const code = errorCode(error);
  const reason = /^2[23]/.test(code)
    ? brokenBackup(file, `it holds rows that do not fit (${code})`)
    : error;
  if (!(reason instanceof TurnkeepError) || reason.code !== 'invalid_request') return reason;
  return new TurnkeepError(
    'invalid_request',
    `${reason.message} Nothing was changed; choose another backup.`,
    { cause: error },
  );
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

async function loadRows(transaction: Transaction<DatabaseSchema>, lines: Lines): Promise<number> {
  let rows = 0;
  const batch = new Batch(transaction);
  for await (const { line, bytes } of lines) {
    if (!line) continue;
    await batch.add(line, bytes);
    rows++;
  }
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
