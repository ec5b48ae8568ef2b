import type { Insertable, Kysely, Transaction, Updateable } from 'kysely';
import { sql } from 'kysely';
import type { Change, RowKey, WriteTransaction } from './database.ts';
import type { DatabaseSchema, TableName } from './schema.ts';
import { tables } from './tables.ts';

type Row = Record<string, unknown>;
/** Kysely without the types of one table: changes name their table at run time. */
type Untyped = Record<string, Row>;

const MAX_ROWS = 500;
const MAX_CHARACTERS = 4_000_000;

/** Inserts rows, except those whose primary key is there already. Large lists go in pieces. */
export async function insertRows(
  db: Kysely<DatabaseSchema>,
  table: TableName,
  rows: readonly Row[],
) {
  for (const part of pieces(rows)) await insertPiece(db, table, part);
}

async function insertPiece(db: Kysely<DatabaseSchema>, table: TableName, rows: readonly Row[]) {
  await (db as unknown as Kysely<Untyped>)
    .insertInto(table)
    .values([...rows])
    .onConflict((conflict) => conflict.column(tables[table].key).doNothing())
    .execute();
}

/** Sets columns of the row (or rows) with `key`. */
export async function updateRows(
  db: Kysely<DatabaseSchema>,
  table: TableName,
  key: RowKey,
  set: Row,
) {
  let query = (db as unknown as Kysely<Untyped>).updateTable(table).set(set);
  for (const [column, value] of Object.entries(key)) query = query.where(column, '=', value);
  await query.execute();
}

/** Deletes rows whose `column` is one of `values`; gives their number. */
export async function deleteRows(
  db: Kysely<DatabaseSchema>,
  table: TableName,
  column: string,
  values: readonly string[],
): Promise<number> {
  const result = await (db as unknown as Kysely<Untyped>)
    .deleteFrom(table)
    .where(column, '=', sql<string>`any(${[...values]}::text[])`)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

/** Applies one recorded change; applying it twice is harmless. */
export async function applyChange(db: Kysely<DatabaseSchema>, change: Change): Promise<void> {
  if (change.op === 'insert') await insertRows(db, change.table, change.rows);
  else if (change.op === 'update') await updateRows(db, change.table, change.key, change.set);
  else await deleteRows(db, change.table, change.column, change.values);
}

/** A write transaction that records its changes in `changes`, in order. */
export class RecordingTransaction implements WriteTransaction {
  readonly owner: object;
  readonly read: Transaction<DatabaseSchema>;
  readonly changes: Change[] = [];
  readonly #later: (() => void)[] = [];

  constructor(owner: object, transaction: Transaction<DatabaseSchema>) {
    this.owner = owner;
    this.read = transaction;
  }

  afterCommit(work: () => void): void {
    this.#later.push(work);
  }

  /** Runs what waited for the changes to be durable. */
  committed(): void {
    for (const work of this.#later) work();
  }

  async insert<T extends TableName>(
    table: T,
    rows: Insertable<DatabaseSchema[T]>[],
  ): Promise<void> {
    if (rows.length === 0) return;
    const plain = rows as Row[];
    await insertRows(this.read, table, plain);
    this.changes.push({ op: 'insert', table, rows: plain });
  }

  async update<T extends TableName>(
    table: T,
    key: RowKey,
    set: Updateable<DatabaseSchema[T]>,
  ): Promise<void> {
    await updateRows(this.read, table, key, set as Row);
    this.changes.push({ op: 'update', table, key, set: set as Row });
  }

  async delete<T extends TableName>(
    table: T,
    column: keyof DatabaseSchema[T] & string,
    values: string[],
  ): Promise<number> {
    if (values.length === 0) return 0;
    const deleted = await deleteRows(this.read, table, column, values);
    this.changes.push({ op: 'delete', table, column, values });
    return deleted;
  }
}

/** Lists of rows that fit one statement each: the engine's memory grows with the largest. */
function* pieces(rows: readonly Row[]): Generator<Row[]> {
  let piece: Row[] = [];
  let size = 0;
  for (const row of rows) {
    const length = characters(row);
    if (piece.length > 0 && (piece.length >= MAX_ROWS || size + length > MAX_CHARACTERS)) {
      yield piece;
      piece = [];
      size = 0;
    }
    piece.push(row);
    size += length;
  }
  if (piece.length > 0) yield piece;
}

function characters(row: Row): number {
  let sum = 0;
  for (const value of Object.values(row)) if (typeof value === 'string') sum += value.length;
  return sum;
}
