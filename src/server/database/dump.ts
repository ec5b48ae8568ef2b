import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Kysely, sql } from 'kysely';
import type { BackupReport } from './database.ts';
import { isSystemError, storageFailed } from './errors.ts';
import { migrationState } from './migrate.ts';
import { syncDirectory } from './pglite/template.ts';
import { type DatabaseSchema, type TableName, tablesInOrder } from './schema.ts';
import { tables } from './tables.ts';

type Db = Kysely<DatabaseSchema>;
type Untyped = Kysely<Record<string, Record<string, unknown>>>;

export const BACKUP_FORMAT = 'turnkeep-backup';
export const BACKUP_VERSION = 1;

/** First line of a backup. */
export type BackupHeader = {
  format: typeof BACKUP_FORMAT;
  version: number;
  /** Migrations that the database had. */
  schema: string[];
  created_at: string;
  /** Rows of each table when the backup began. */
  counts: Record<TableName, number>;
};
/** Last line: how many rows come before it and the SHA-256 of all bytes before it, in hex. */
export type BackupTrailer = { end: true; rows: number; sha256: string };

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
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const rows = options.snapshot
      ? await db
          .transaction()
          .setIsolationLevel('repeatable read')
          .setAccessMode('read only')
          .execute((transaction) => writeLines(transaction, temporary))
      : await writeLines(db, temporary);
    await rename(temporary, file);
    await syncDirectory(dirname(file));
    return { file, rows, bytes: (await stat(file)).size };
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw isSystemError(error) ? storageFailed(error, dirname(file)) : error;
  }
}

async function writeLines(db: Db, temporary: string): Promise<number> {
  const counter = { rows: 0 };
  const lines = Readable.from(backupLines(db, counter), { objectMode: true, highWaterMark: 1 });
  const output = createWriteStream(temporary, { mode: 0o600, flags: 'w' });
  await pipeline(lines, createGzip(), output);
  const handle = await open(temporary, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  return counter.rows;
}

async function* backupLines(db: Db, counter: { rows: number }): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  const line = (value: unknown): Buffer => {
    const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
    hash.update(bytes);
    return bytes;
  };
  yield line(await header(db));
  const kept = new Map<TableName, Set<string>>();
  for (const table of tablesInOrder) {
    const keys = new Set<string>();
    kept.set(table, keys);
    for await (const row of rowsOf(db, table)) {
      if (!hasParents(table, row, kept)) continue;
      if (!isLeaf(table)) keys.add(String(row[tables[table].key]));
      counter.rows++;
      yield line({ table, row });
    }
  }
  const sha256 = hash.digest('hex');
  const trailer: BackupTrailer = { end: true, rows: counter.rows, sha256 };
  yield Buffer.from(`${JSON.stringify(trailer)}\n`);
}

/** Tables that no other refers to: their keys need not be remembered. */
function isLeaf(table: TableName): boolean {
  return table === 'conversation_messages' || isOfMemory(table);
}

/** Rows of the memory belong to a message, by its id alone. */
function isOfMemory(table: TableName): boolean {
  return table === 'memory_index' || table === 'memory_insights' || table === 'memory_pins';
}

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

function hasParents(
  table: TableName,
  row: Record<string, unknown>,
  kept: Map<TableName, Set<string>>,
): boolean {
  const has = (parent: TableName, column: string) =>
    kept.get(parent)?.has(String(row[column])) === true;
  if (table === 'projects') return true;
  if (table === 'conversation_sessions') return has('projects', 'project_id');
  if (!has('conversation_sessions', 'session_id')) return false;
  // A row of the memory without its message finds nothing: every answer joins the messages.
  return table === 'atlas_thread' || isOfMemory(table) || has('atlas_thread', 'thread_id');
}
