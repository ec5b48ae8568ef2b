import { type Kysely, sql } from 'kysely';
import { applyChange, insertRows } from '../changes.ts';
import { errorCode } from '../errors.ts';
import type { DatabaseLog } from '../log.ts';
import type { DatabaseSchema, TableName } from '../schema.ts';
import { tables } from '../tables.ts';
import { foldChanges, type Step } from './fold.ts';
import type { SegmentSize } from './journal.ts';
import type { JournalRecord } from './records.ts';
import type { SegmentFolder } from './segments.ts';

type Db = Kysely<DatabaseSchema>;
type Untyped = Kysely<Record<string, Record<string, unknown>>>;

export type ReplayReport = {
  segments: SegmentSize[];
  nextRecord: number;
  records: number;
  /** What could not be read or applied, for the log and for `status`. */
  problems: string[];
};

/** Applies every live segment in order. What is applied already stays as it is. */
export async function replayJournal(
  db: Db,
  folder: SegmentFolder,
  log: DatabaseLog,
): Promise<ReplayReport> {
  const report: ReplayReport = { segments: [], nextRecord: 1, records: 0, problems: [] };
  let expected: number | undefined;
  for (const number of await folder.list()) {
    const file = folder.file(number);
    const { records, damaged, torn } = await folder.read(file);
    if (torn) log.warn({ file }, 'journal segment ends in a write that was cut off');
    for (const line of damaged) report.problems.push(`line ${line} of ${file} is damaged`);
    for (const { n } of records) {
      if (expected !== undefined && n > expected) {
        report.problems.push(`writes ${expected} to ${n - 1} are missing before ${file}`);
      }
      expected = n + 1;
    }
    report.problems.push(...(await applyRecords(db, records)).map((text) => `${file}: ${text}`));
    report.records += records.length;
    report.segments.push({ number, entries: records.length, bytes: await folder.size(number) });
  }
  report.nextRecord = expected ?? 1;
  return report;
}

/** Applies records in order; gives a line for each that the database refuses. */
export async function applyRecords(db: Db, records: readonly JournalRecord[]): Promise<string[]> {
  if (records.length === 0) return [];
  try {
    const steps = foldChanges(records.flatMap((record) => record.changes));
    await db.transaction().execute(async (transaction) => {
      for (const step of steps) await applyStep(transaction, step);
    });
    return [];
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return applyOneByOne(db, records);
  }
}

async function applyOneByOne(db: Db, records: readonly JournalRecord[]): Promise<string[]> {
  const problems: string[] = [];
  for (const record of records) {
    try {
      await db.transaction().execute(async (transaction) => {
        for (const change of record.changes) await applyChange(transaction, change);
      });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      problems.push(`write ${record.n} does not fit the stored rows (${errorCode(error)})`);
    }
  }
  return problems;
}

/** Data that the schema refuses (SQLSTATE classes 22 and 23), not a failure of the database. */
function isRefusal(error: unknown): boolean {
  return /^2[23]/.test(errorCode(error));
}

async function applyStep(db: Db, step: Step): Promise<void> {
  if (step.op === 'change') await applyChange(db, step.change);
  else if (step.op === 'set') await setWhereDifferent(db, step.table, step.keys, step.set);
  else await insertMissing(db, step.table, step.rows);
}

/** Asking first spares computing the full-text index of rows that are there. */
async function insertMissing(db: Db, table: TableName, rows: Record<string, unknown>[]) {
  const { key } = tables[table];
  const wanted = rows.map((row) => String(row[key]));
  const found = await (db as unknown as Untyped)
    .selectFrom(table)
    .select(key)
    .where(key, '=', sql<string>`any(${wanted}::text[])`)
    .execute();
  const present = new Set(found.map((row) => String(row[key])));
  await insertRows(
    db,
    table,
    rows.filter((row) => !present.has(String(row[key]))),
  );
}

async function setWhereDifferent(
  db: Db,
  table: TableName,
  keys: readonly string[],
  set: Record<string, unknown>,
) {
  const columns = Object.keys(set);
  if (columns.length === 0) return;
  const types: Record<string, string> = tables[table].columns;
  const differs = columns.map((column) => {
    const type = sql.raw(types[column] === 'json' ? 'text' : (types[column] ?? 'text'));
    return sql`${sql.ref(column)}::${type} is distinct from ${set[column]}::${type}`;
  });
  await (db as unknown as Untyped)
    .updateTable(table)
    .set(set)
    .where(tables[table].key, '=', sql<string>`any(${[...keys]}::text[])`)
    .where(sql<boolean>`(${sql.join(differs, sql` or `)})`)
    .execute();
}
