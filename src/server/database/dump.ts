import { type Kysely, sql } from 'kysely';
import { BACKUP_FORMAT } from '../../contracts/backupFiles.ts';
import { BACKUP_VERSION, type BackupHeader, type RowLine, writeBackupFile } from './backupFile.ts';
import type { BackupReport } from './database.ts';
import { migrationState } from './migrate.ts';
import { type DatabaseSchema, type TableName, tablesInOrder } from './schema.ts';
import { tables } from './tables.ts';

type Db = Kysely<DatabaseSchema>;
type Untyped = Kysely<Record<string, Record<string, unknown>>>;

const KEYS_A_PAGE = 1000;
const CHARACTERS_A_PAGE = 4_000_000;

/**
 * Writes a logical backup: gzipped JSON lines, a header, rows in table order, a trailer. It appears
 * under its name only when it is whole (mode 0600). With `snapshot` everything is read as of one
 * moment; else others may write meanwhile, and rows whose parent came later are left out.
 */
export async function writeBackup(
  db: Db,
  file: string,
  options: { snapshot: boolean },
): Promise<BackupReport> {
  const write = async (from: Db) => writeBackupFile(file, await header(from), rowsInOrder(from));
  const written = options.snapshot
    ? await db
        .transaction()
        .setIsolationLevel('repeatable read')
        .setAccessMode('read only')
        .execute(write)
    : await write(db);
  return { file, ...written };
}

async function* rowsInOrder(db: Db): AsyncGenerator<RowLine> {
  const kept = new Map<TableName, Set<string>>();
  for (const table of tablesInOrder) {
    const keys = new Set<string>();
    kept.set(table, keys);
    for await (const row of rowsOf(db, table)) {
      if (!hasParents(table, row, kept)) continue;
      if (isParent(table)) keys.add(String(row[tables[table].key]));
      yield { table, row };
    }
  }
}

/** Tables that others refer to: their keys are remembered. */
function isParent(table: TableName): boolean {
  return PARENTS.some(([parent]) => parent === table);
}

const PARENTS: readonly (readonly [parent: TableName, column: string])[] = [
  ['projects', 'project_id'],
  ['conversation_sessions', 'session_id'],
  ['atlas_thread', 'thread_id'],
];

async function header(db: Db): Promise<BackupHeader> {
  const counts: Partial<Record<TableName, number>> = {};
  for (const table of tablesInOrder) {
    const found = await sql<{
      n: number;
    }>`select count(*) as n from ${sql.table(table)}`.execute(db);
    counts[table] = found.rows[0]?.n ?? 0;
  }
  return {
    format: BACKUP_FORMAT,
    version: BACKUP_VERSION,
    schema: (await migrationState(db)).applied,
    created_at: new Date().toISOString(),
    counts: counts as Record<TableName, number>,
  };
}

/** Rows by pages of the primary key, each page small enough to be held. JSON columns are text. */
async function* rowsOf(db: Db, table: TableName): AsyncGenerator<Record<string, unknown>> {
  const { key, columns } = tables[table];
  const selection = Object.entries(columns).map(([name, type]) =>
    type === 'json' ? sql`${sql.ref(name)}::text as ${sql.ref(name)}` : sql.ref(name),
  );
  let last = '';
  for (;;) {
    const page = await nextKeys(db, table, key, last);
    if (page.length === 0) return;
    for (const keys of pagesBySize(page)) {
      const found = await sql<Record<string, unknown>>`
        select ${sql.join(selection)} from ${sql.table(table)}
        where ${sql.ref(key)} = any(${keys}::text[]) order by ${sql.ref(key)}`.execute(db);
      yield* found.rows;
    }
    last = page.at(-1)?.key ?? last;
  }
}

type SizedKey = { key: string; size: number };

async function nextKeys(db: Db, table: TableName, key: string, last: string): Promise<SizedKey[]> {
  const size =
    table === 'conversation_messages'
      ? sql`octet_length(content) + coalesce(octet_length(content_exact), 0) + octet_length(metadata::text)`
      : table === 'memory_index'
        ? sql`pg_column_size(tokens) * 2`
        : table === 'memory_embeddings'
          ? sql`octet_length(vector)`
          : sql`0`;
  return (db as unknown as Untyped)
    .selectFrom(table)
    .select([sql<string>`${sql.ref(key)}`.as('key'), sql<number>`${size}`.as('size')])
    .where(key, '>', last)
    .orderBy(key)
    .limit(KEYS_A_PAGE)
    .execute();
}

function* pagesBySize(page: readonly SizedKey[]): Generator<string[]> {
  let keys: string[] = [];
  let size = 0;
  for (const item of page) {
    if (keys.length > 0 && size + item.size > CHARACTERS_A_PAGE) {
      yield keys;
      keys = [];
      size = 0;
    }
    keys.push(item.key);
    size += item.size;
  }
  if (keys.length > 0) yield keys;
}

/**
 * A row of the memory without its message finds nothing (every answer joins the messages), and an
 * insight's project is that of its session: those belong to their session alone.
 */
function hasParents(
  table: TableName,
  row: Record<string, unknown>,
  kept: Map<TableName, Set<string>>,
): boolean {
  const isOfMemory = table.startsWith('memory_') && table !== 'memory_vectors';
  return PARENTS.every(([parent, column]) => {
    // Not every row has every parent: a context of a project has no session.
    if (parent === table || (row[column] ?? null) === null) return true;
    if (isOfMemory && parent === 'projects') return true;
    return kept.get(parent)?.has(String(row[column])) === true;
  });
}
