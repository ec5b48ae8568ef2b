import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Database } from 'node-sqlite3-wasm';
import type { ObservedConversation, SourceProblem } from '../../../src/contracts/observed.ts';
import { cursorStoreReader } from '../../../src/server/capture/readers/cursorStore.ts';
import type { Places, Source } from '../../../src/server/capture/readers/reader.ts';

/** Values by key; what is no string is stored as JSON. */
type Rows = Record<string, unknown>;
type StoreContent = {
  folder?: string;
  ItemTable?: Rows;
  cursorDiskKV?: Rows;
  composerHeaders?: Record<string, unknown>[];
};

export type Making = { pageSize?: number; log?: boolean; blobs?: boolean };

/** A store that SQLite itself holds open, as Cursor does: with a log and without checkpoints. */
export class Writer {
  readonly path: string;
  readonly database: Database;

  constructor(path: string, { pageSize = 4096, log = true }: Making = {}) {
    mkdirSync(dirname(path), { recursive: true });
    this.path = path;
    this.database = new Database(path);
    // Alone on the file, SQLite needs no shared memory for its log.
    this.database.exec(`PRAGMA page_size=${pageSize}; PRAGMA locking_mode=EXCLUSIVE;`);
    if (log) this.database.exec('PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;');
    for (const table of ['ItemTable', 'cursorDiskKV']) {
      this.database.exec(
        `CREATE TABLE IF NOT EXISTS ${table} (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)`,
      );
    }
  }

  put(table: string, rows: Rows, { blobs = false }: Making = {}): void {
    this.database.exec('BEGIN');
    for (const [key, value] of Object.entries(rows)) {
      const text = value === null || typeof value === 'string' ? value : JSON.stringify(value);
      const stored = blobs && text !== null ? Buffer.from(text) : text;
      this.database.run(`INSERT INTO ${table} VALUES (?, ?)`, [key, stored]);
    }
    this.database.exec('COMMIT');
  }

  checkpoint(mode: 'PASSIVE' | 'RESTART' | 'TRUNCATE'): void {
    this.database.get(`PRAGMA wal_checkpoint(${mode})`);
  }

  /** Copies the files as they are now, as a crash would leave them. */
  copyTo(path: string): void {
    mkdirSync(dirname(path), { recursive: true });
    for (const end of ['', '-wal']) {
      if (existsSync(`${this.path}${end}`)) cpSync(`${this.path}${end}`, `${path}${end}`);
    }
  }

  close(): void {
    this.database.close();
  }
}

/** The content of a generation's fixture. */
export function fixture(generation: string): Record<string, StoreContent> {
  const file = `../../fixtures/capture/cursor/store-${generation}.json`;
  return JSON.parse(readFileSync(fileURLToPath(new URL(file, import.meta.url)), 'utf8'));
}

/** Makes the stores of a fixture below a home as Linux has it; gives that home's places. */
export function makeStores(home: string, generation: string, making: Making = {}): Places {
  for (const [folder, content] of Object.entries(fixture(generation))) {
    const path = join(home, '.config', 'Cursor', 'User', folder, 'state.vscdb');
    const writer = new Writer(join(home, 'made', folder, 'state.vscdb'), making);
    fill(writer, content, making);
    writer.copyTo(path);
    writer.close();
    if (content.folder === undefined) continue;
    const about = JSON.stringify({ folder: content.folder });
    writeFileSync(join(dirname(path), 'workspace.json'), about);
  }
  return { home, env: {}, platform: 'linux' };
}

function fill(writer: Writer, content: StoreContent, making: Making): void {
  if (content.ItemTable) writer.put('ItemTable', content.ItemTable, making);
  if (making.log) writer.checkpoint('PASSIVE');
  if (content.cursorDiskKV) writer.put('cursorDiskKV', content.cursorDiskKV, making);
  if (!content.composerHeaders) return;
  writer.database.exec(
    'CREATE TABLE composerHeaders (composerId TEXT PRIMARY KEY, isSubagent INTEGER, value TEXT)',
  );
  for (const head of content.composerHeaders) {
    const row = [String(head.composerId), 0, JSON.stringify(head)];
    writer.database.run('INSERT INTO composerHeaders VALUES (?, ?, ?)', row);
  }
}

export type Outcome = { conversations: ObservedConversation[]; problems: SourceProblem[] };

/** Everything that the reader gives for one source. */
export async function readAll(source: Source, since: string | null = null): Promise<Outcome> {
  const outcome: Outcome = { conversations: [], problems: [] };
  const onProblem = (problem: SourceProblem) => outcome.problems.push(problem);
  for await (const conversation of cursorStoreReader.read(source, { onProblem, since })) {
    outcome.conversations.push(conversation);
  }
  return outcome;
}

/** Finds the stores in a home and reads them all. */
export async function readHome(places: Places, since: string | null = null): Promise<Outcome> {
  const all: Outcome = { conversations: [], problems: [] };
  for await (const source of cursorStoreReader.discover(places)) {
    const { conversations, problems } = await readAll(source, since);
    all.conversations.push(...conversations);
    all.problems.push(...problems);
  }
  return all;
}

/** A store somewhere, as a source. */
export function sourceAt(path: string): Source {
  const { name, agent } = cursorStoreReader;
  return { reader: name, agent, path, bytes: 1, modifiedAt: new Date(0).toISOString(), cwd: null };
}

/** The row of a conversation whose messages are in rows of their own, prompts and answers in turn. */
export const composer = (id: string, count: number, more: object = {}) => ({
  [`composerData:${id}`]: {
    composerId: id,
    fullConversationHeadersOnly: Array.from({ length: count }, (_, index) => ({
      bubbleId: `${id}-${index}`,
      type: 1 + (index % 2),
    })),
    ...more,
  },
});

/** The rows of these messages. */
export const bubbles = (id: string, count: number, text: (index: number) => string) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `bubbleId:${id}:${id}-${index}`,
      { type: 1 + (index % 2), text: text(index) },
    ]),
  );
