import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  appendFile,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Home, homeLayout } from '../../src/contracts/home.ts';
import { deleteMessages, insertMessages } from '../../src/server/conversations/rows.ts';
import type { Database } from '../../src/server/database/database.ts';
import { encodeRecord } from '../../src/server/database/journal/records.ts';
import { openDatabase, setAsideData } from '../../src/server/database/open.ts';
import { findAssets } from '../../src/server/database/pglite/assets.ts';
import { countMessages, keepingLog, message, newHome, newPlace } from './support.ts';

const CLEANLY_SHUT_DOWN = 1;

let home: Awaited<ReturnType<typeof newHome>>;
let log: ReturnType<typeof keepingLog>;
beforeEach(async () => {
  home = await newHome();
  log = keepingLog();
});
afterEach(() => home.remove());

const openAt = (at: Home): Promise<Database> => openDatabase({ home: at, env: {}, log });
const open = () => openAt(home);

/** A copy of the home as a crash at this moment would leave it. */
async function crashCopy(): Promise<Home & { remove: () => Promise<void> }> {
  const copy = await newHome();
  await rm(copy.root, { recursive: true });
  await cp(home.root, copy.root, { recursive: true });
  return copy;
}

/** The state in `global/pg_control`: 1 is "shut down". */
async function controlState(data: string): Promise<number> {
  return (await readFile(join(data, 'global', 'pg_control'))).readUInt32LE(16);
}

async function bundleWriter(): Promise<string> {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const outfile = join(root, 'node_modules', '.cache', 'turnkeep', `writer-${process.pid}.mjs`);
  await build({
    entryPoints: [fileURLToPath(new URL('programs/writer.ts', import.meta.url))],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  });
  return outfile;
}

/** Runs the writer until it has acknowledged `count` writes, then kills it; gives what it said. */
async function writeAndKill(program: string, count: number): Promise<Map<string, boolean>> {
  const child = spawn(process.execPath, [program], {
    env: {
      ...process.env,
      TURNKEEP_HOME: home.root,
      TEST_ASSETS: JSON.stringify(await findAssets()),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged = new Map<string, boolean>();
  for await (const line of createInterface({ input: child.stdout })) {
    const [id = '', answered] = line.split(' ');
    acknowledged.set(id, answered === 'true');
    if (acknowledged.size === count) child.kill('SIGKILL');
  }
  return acknowledged;
}

test('kill -9 while many write: no acknowledged write is lost, the folder opens', async () => {
  const program = await bundleWriter();
  const acknowledged = new Map<string, boolean>();
  try {
    for (const count of [40, 150, 90]) {
      for (const [id, answered] of await writeAndKill(program, count))
        acknowledged.set(id, answered);
      expect(await controlState(home.data)).not.toBe(CLEANLY_SHUT_DOWN);
    }
  } finally {
    await rm(program, { force: true });
  }
  expect(acknowledged.size).toBeGreaterThanOrEqual(280);
  const db = await open();
  const rows = await db.read
    .selectFrom('conversation_messages')
    .select(['message_id', 'answered'])
    .execute();
  const stored = new Map(rows.map((row) => [row.message_id, row.answered]));
  const lost = [...acknowledged].filter(
    ([id, answered]) => !stored.has(id) || (answered && !stored.get(id)),
  );
  expect(lost).toEqual([]);
  expect((await db.status()).error).toBeNull();
  await db.close();
  expect(await controlState(home.data)).toBe(CLEANLY_SHUT_DOWN);
});

test('what only the journal has comes back, once, in order', async () => {
  let db = await open();
  const place = await newPlace(db);
  await db.checkpoint();
  const before = await crashCopy();
  const rows = Array.from({ length: 30 }, (_, i) => message(place, i + 1));
  for (const row of rows) await db.write((tx) => tx.insert('conversation_messages', [row]));
  await db.write(async (tx) => {
    await tx.update(
      'conversation_messages',
      { message_id: String(rows[0]?.message_id) },
      { answered: true },
    );
    await tx.delete('conversation_messages', 'message_id', [String(rows[1]?.message_id)]);
    await tx.update(
      'conversation_sessions',
      { session_id: place.session_id },
      { status: 'closed', closed_at: new Date().toISOString() },
    );
  });
  expect((await db.status()).journal?.entries).toBe(31);
  // As after a power cut that took everything but the journal.
  await cp(home.journal, before.journal, { recursive: true });
  await db.close();

  db = await openAt(before);
  const stored = await db.read
    .selectFrom('conversation_messages')
    .select(['position', 'answered'])
    .orderBy('position')
    .execute();
  expect(stored.map((row) => row.position)).toEqual([
    1,
    ...rows.slice(2).map((row) => row.position),
  ]);
  expect(stored[0]?.answered).toBe(true);
  const session = await db.read.selectFrom('conversation_sessions').select('status').execute();
  expect(session).toEqual([{ status: 'closed' }]);
  await vi.waitFor(async () => expect((await db.status()).journal?.entries).toBe(0));
  await db.close();
  expect(await readdir(before.journal)).toEqual([]);
  await before.remove();
});

test('a torn end is tolerated and told; damage in the middle hides nothing that follows', async () => {
  let db = await open();
  const place = await newPlace(db);
  await db.close();
  const [torn, lost, kept] = [1, 2, 3].map((n) => message(place, n));
  const record = (n: number, row: unknown) =>
    encodeRecord({
      n,
      changes: [{ op: 'insert', table: 'conversation_messages', rows: [row as never] }],
    });
  const first = join(home.journal, '00000001.jsonl');
  await writeFile(first, Buffer.concat([record(1, torn), record(2, lost).subarray(0, 100)]));
  db = await open();
  expect(await countMessages(db)).toBe(1);
  expect(log.lines.some((line) => line.level === 'warn' && /cut off/.test(line.message))).toBe(
    true,
  );
  expect((await db.status()).error).toBeNull();
  await db.close();

  const flipped = record(2, lost);
  flipped[60] = (flipped[60] ?? 0) ^ 1;
  await writeFile(first, Buffer.concat([record(1, torn), flipped, record(3, kept)]));
  db = await open();
  expect(await countMessages(db)).toBe(2);
  const { error } = await db.status();
  expect(error).toMatch(/line 2 of .*00000001\.jsonl is damaged/);
  expect(error).toMatch(/writes 2 to 2 are missing/);
  expect(log.lines.some((line) => line.level === 'error' && line.message === 'journal')).toBe(true);
  await db.close();
  expect(await readdir(home.journal)).toEqual(['carried-00000001.jsonl']);
});

test('a data folder of another PostgreSQL is refused untouched, with the mend; set aside it stays', async () => {
  let db = await open();
  const place = await newPlace(db);
  await db.write((tx) => tx.insert('conversation_messages', [message(place, 1)]));
  const backup = join(home.backups, 'turnkeep-20260101T000000000Z.jsonl.gz');
  await db.backup(backup);
  // Captured after the backup, and the server was killed: only the journal can tell of it.
  await db.write((tx) => tx.insert('conversation_messages', [message(place, 2)]));
  const late = join(home.root, 'late.jsonl');
  await copyFile(join(home.journal, '00000001.jsonl'), late);
  await db.close();
  await copyFile(late, join(home.journal, '00000001.jsonl'));
  await writeFile(join(home.data, 'PG_VERSION'), '17\n');
  const names = await readdir(home.data);
  const refusal = await open().catch((error: Error) => error);
  expect(refusal).toMatchObject({ code: 'data_version_mismatch' });
  expect(String(refusal)).toContain('PostgreSQL 17');
  expect(String(refusal)).toContain('PostgreSQL 18');
  expect(String(refusal)).toContain(`turnkeep db restore "${backup}" --fresh`);
  expect(await readdir(home.data)).toEqual(names);

  const aside = await setAsideData(home);
  expect(aside).toMatch(/data\.pg17-\d{8}T\d{6}Z$/);
  expect(await readdir(aside ?? '')).toEqual(names);
  expect(await setAsideData(home)).toBeNull();
  db = await open();
  await db.restore(backup, { replace: true });
  expect(await countMessages(db)).toBe(2);
  await db.checkpoint();
  await db.close();
  expect(await readdir(home.journal)).toEqual([]);
});

test('a folder that is not whole, or cannot be read, is refused with the mend', async () => {
  const mend = {
    code: 'database_unavailable',
    message: expect.stringMatching(/cannot be opened.*turnkeep db restore/),
  };
  const db = await open();
  await db.close();
  const version = join(home.data, 'PG_VERSION');
  await rename(version, `${version}.away`);
  await expect(open()).rejects.toMatchObject(mend);
  await rename(`${version}.away`, version);
  const control = join(home.data, 'global', 'pg_control');
  const good = await readFile(control);
  await writeFile(control, Buffer.alloc(good.length));
  await expect(open()).rejects.toMatchObject(mend);
  await writeFile(control, good);
  await rename(join(home.data, 'global'), join(home.data, 'away'));
  await expect(open()).rejects.toMatchObject(mend);
  await rename(join(home.data, 'away'), join(home.data, 'global'));
  await (await open()).close();
  await rm(home.data, { recursive: true });
  await writeFile(home.data, 'in the way');
  await expect(open()).rejects.toMatchObject({ name: 'TurnkeepError' });
});

test('a start that was cut short leaves nothing half', async () => {
  await mkdir(join(home.root, 'data.new-1', 'base'), { recursive: true });
  await mkdir(home.data);
  const db = await open();
  expect(await readdir(home.root)).not.toContain('data.new-1');
  await db.close();
});

test('the template opens without recovery, all migrations in', async () => {
  const db = await open();
  expect(await db.migrate()).toEqual({ applied: [], pending: [] });
  await db.close();
  expect(await controlState(home.data)).toBe(CLEANLY_SHUT_DOWN);
});

test('deleted text leaves data folder and journal', async () => {
  const marker = `marker${randomUUID().replaceAll('-', '')}`;
  const db = await open();
  const place = await newPlace(db);
  const rows = Array.from({ length: 60 }, (_, i) =>
    message(place, i + 1, {
      content: `We will use ${i % 3 === 0 ? marker : 'other'}.\n${randomUUID().repeat(i * 10 + 1)}`,
      metadata: JSON.stringify({ note: marker, files: [`src/${marker}.ts`] }) as never,
    }),
  );
  await db.write((tx) => insertMessages(tx, rows));
  const found = async () => {
    const files = await readdir(home.root, { recursive: true, withFileTypes: true });
    const hits: string[] = [];
    for (const file of files) {
      if (!file.isFile()) continue;
      const path = join(file.parentPath, file.name);
      if ((await readFile(path)).includes(marker)) hits.push(path);
    }
    return hits;
  };
  expect(await found()).not.toEqual([]);
  const ids = rows.map((row) => row.message_id);
  await db.write((tx) => deleteMessages(tx, ids));
  await db.checkpoint();
  expect(await found()).toEqual([]);
  await db.close();
  expect(await found()).toEqual([]);
});

test('the end of the engine fails what waits, is told once, and loses nothing', async () => {
  const onLost = vi.fn();
  const db = await openDatabase({ home, env: {}, log, onLost });
  const place = await newPlace(db);
  await db.write((tx) => tx.insert('conversation_messages', [message(place, 1)]));
  // Without its log the engine panics.
  const wal = join(home.data, 'pg_wal');
  await rename(wal, `${wal}.away`);
  const content = Array.from({ length: 100_000 }, () => randomUUID()).join(' ');
  const crash = db.write((tx) =>
    tx.insert('conversation_messages', [message(place, 2, { content })]),
  );
  await expect(crash).rejects.toMatchObject({ code: 'database_unavailable' });
  await vi.waitFor(() => expect(onLost).toHaveBeenCalledTimes(1));
  await expect(db.write((tx) => tx.insert('projects', []))).rejects.toMatchObject({
    code: 'database_unavailable',
  });
  expect(await db.status()).toMatchObject({ state: 'unavailable' });
  await db.close();
  await rm(wal, { recursive: true, force: true });
  await rename(`${wal}.away`, wal);
  const again = await open();
  expect(await countMessages(again)).toBe(1);
  await again.close();
});

test('a full disk: writes are refused with what to do, none is lost, and all goes on with space', async () => {
  const disk = await mkdtemp(join(tmpdir(), 'turnkeep-disk-'));
  const mounted = mountSmallDisk(disk);
  const small = homeLayout({ TURNKEEP_HOME: join(disk, 'home') });
  try {
    const db = await openAt(small);
    const place = await newPlace(db);
    const ballast = join(disk, 'ballast');
    if (mounted) await appendFile(ballast, Buffer.alloc(45 * 1024 * 1024));
    let stored = 0;
    let refusal: unknown;
    for (let n = 1; n <= 400 && !refusal && mounted; n++) {
      const content = Array.from({ length: 8000 }, () => randomUUID()).join(' ');
      try {
        await db.write((tx) =>
          tx.insert('conversation_messages', [message(place, n, { content })]),
        );
        stored++;
      } catch (error) {
        refusal = error;
      }
    }
    if (mounted) {
      expect(refusal).toMatchObject({
        code: 'storage_failed',
        message: expect.stringMatching(/full.*Free some space/),
      });
      expect(await countMessages(db)).toBe(stored);
    }
    await rm(ballast, { force: true });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await db.write((tx) => tx.insert('conversation_messages', [message(place, 1000)]));
    expect(await countMessages(db)).toBe(stored + 1);
    await db.close();
    const again = await openAt(small);
    expect(await countMessages(again)).toBe(stored + 1);
    await again.close();
  } finally {
    if (mounted) execFileSync('umount', [disk]);
    await rm(disk, { recursive: true, force: true });
  }
});

/** True when a disk of 170 MB could be mounted (Linux, as root); elsewhere the journal's tests tell. */
function mountSmallDisk(folder: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=170m', 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
