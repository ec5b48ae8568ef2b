import { appendFile, chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Change } from '../../src/server/database/database.ts';
import { foldChanges } from '../../src/server/database/journal/fold.ts';
import { Journal } from '../../src/server/database/journal/journal.ts';
import { encodeRecord, parseSegment } from '../../src/server/database/journal/records.ts';
import { SegmentFolder } from '../../src/server/database/journal/segments.ts';
import { newHome } from './support.ts';

const failing = vi.hoisted(() => ({ code: '', partial: false }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return {
    ...real,
    open: async (...args: Parameters<typeof real.open>) => {
      const handle = await real.open(...args);
      const append = handle.appendFile.bind(handle);
      handle.appendFile = async (data, options) => {
        if (!failing.code) return append(data, options);
        if (failing.partial) await append(Buffer.from(data as Buffer).subarray(0, 30), options);
        throw Object.assign(new Error('the disk refuses'), { code: failing.code });
      };
      return handle;
    },
  };
});

const change = (n: number): Change => ({
  op: 'delete',
  table: 'projects',
  column: 'project_id',
  values: [`p${n}`],
});

let home: Awaited<ReturnType<typeof newHome>>;
let folder: SegmentFolder;
let journal: Journal;
beforeEach(async () => {
  home = await newHome();
  folder = new SegmentFolder(home.journal);
  journal = new Journal(folder, [], 1);
});
afterEach(async () => {
  failing.code = '';
  failing.partial = false;
  await journal.close();
  await home.remove();
});

async function stored(): Promise<number[]> {
  const numbers: number[] = [];
  for (const segment of await folder.list()) {
    const { records } = await folder.read(folder.file(segment));
    numbers.push(...records.map((record) => record.n));
  }
  return numbers;
}

test('keeps records in order; many writers at once', async () => {
  await Promise.all(Array.from({ length: 100 }, (_, i) => journal.append([change(i)])));
  expect(await stored()).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  expect(journal.live.entries).toBe(100);
  expect(journal.live.bytes).toBe((await stat(folder.file(1))).size);
  if (process.platform !== 'win32') expect((await stat(folder.file(1))).mode & 0o777).toBe(0o600);
});

test('makes no file before there is something to keep', async () => {
  await journal.append([]);
  await expect(readdir(home.journal)).rejects.toThrow(/ENOENT/);
});

test('seals, trims, and goes on in a new segment', async () => {
  await journal.append([change(1)]);
  const sealed = await journal.seal();
  await journal.append([change(2)]);
  await journal.trim(sealed);
  expect(await folder.list()).toEqual([2]);
  expect(await stored()).toEqual([2]);
  expect(journal.live.entries).toBe(1);
  expect(await journal.seal()).toBe(2);
  await journal.trim(2);
  expect(journal.live).toEqual({ entries: 0, bytes: 0 });
});

test.each([
  ['ENOSPC', /full.*Free some space/],
  ['EROFS', /read-only/],
  ['EACCES', /permission/],
  ['EIO', /Check the disk/],
])('%s: the write fails with what to do, later writes bring it along', async (code, told) => {
  await journal.append([change(1)]);
  failing.code = code;
  failing.partial = true;
  const failure = { code: 'storage_failed', message: expect.stringMatching(told) };
  await expect(journal.append([change(2)])).rejects.toMatchObject(failure);
  expect(journal.isBehind).toBe(true);
  await expect(journal.append([])).rejects.toMatchObject(failure);
  await expect(
    Promise.all([journal.append([change(3)]), journal.append([change(4)])]),
  ).rejects.toMatchObject(failure);
  expect(await stored()).toEqual([1]);
  failing.code = '';
  await journal.append([]);
  expect(journal.isBehind).toBe(false);
  await journal.append([change(5)]);
  expect(await stored()).toEqual([1, 2, 3, 4, 5]);
  for (const segment of await folder.list()) {
    expect(await folder.read(folder.file(segment))).toMatchObject({ damaged: [], torn: false });
  }
});

test('a folder that cannot be written', async () => {
  await writeFile(home.journal, 'in the way');
  await expect(journal.append([change(1)])).rejects.toMatchObject({ code: 'storage_failed' });
  await rm(home.journal);
  await journal.append([]);
  expect(await stored()).toEqual([1]);
  if (process.getuid?.() === 0) return;
  await journal.seal();
  await chmod(home.journal, 0o500);
  await expect(journal.append([change(2)])).rejects.toMatchObject({ code: 'storage_failed' });
  await chmod(home.journal, 0o700);
});

test('tells a torn end from damage in the middle', async () => {
  const lines = [1, 2, 3].map((n) => encodeRecord({ n, changes: [change(n)] }));
  const [first, second, third] = lines as [Buffer, Buffer, Buffer];
  const numbers = (bytes: Buffer) => parseSegment(bytes).records.map((record) => record.n);
  const whole = Buffer.concat(lines);
  expect(parseSegment(whole)).toMatchObject({ damaged: [], torn: false });
  for (const cut of [1, 20, third.length - 1]) {
    const torn = whole.subarray(0, whole.length - cut);
    expect(parseSegment(torn)).toMatchObject({ damaged: [], torn: true });
    expect(numbers(torn)).toEqual([1, 2]);
  }
  const zeros = Buffer.concat([first, Buffer.alloc(4096)]);
  expect(parseSegment(zeros)).toMatchObject({ damaged: [], torn: true });
  const flipped = Buffer.from(second);
  flipped[40] = (flipped[40] ?? 0) ^ 1;
  const damaged = Buffer.concat([first, flipped, third]);
  expect(parseSegment(damaged)).toMatchObject({ damaged: [2], torn: false });
  expect(numbers(damaged)).toEqual([1, 3]);
  expect(parseSegment(Buffer.alloc(0))).toEqual({ records: [], damaged: [], torn: false });
});

test('any text comes back as it was', async () => {
  const text = '\u2028 "\\ \n 漢 👩 \u0000 é';
  const row = { project_id: 'p', key: text, name: null, root: undefined, created_at: 'now' };
  await journal.append([{ op: 'insert', table: 'projects', rows: [row] }]);
  const { records } = await folder.read(folder.file(1));
  const { root: _, ...kept } = row;
  expect(records[0]?.changes).toEqual([{ op: 'insert', table: 'projects', rows: [kept] }]);
  await appendFile(folder.file(1), 'half a rec');
  expect((await folder.read(folder.file(1))).torn).toBe(true);
  expect((await readFile(folder.file(1), 'utf8')).split('\n')).toHaveLength(2);
});

test('folds thousands of changes into few steps', () => {
  const row = (id: string) => ({ message_id: id, answered: false });
  const changes: Change[] = [
    { op: 'insert', table: 'conversation_messages', rows: [row('a'), row('b')] },
    {
      op: 'update',
      table: 'conversation_messages',
      key: { message_id: 'a' },
      set: { answered: true },
    },
    { op: 'insert', table: 'conversation_messages', rows: [row('c')] },
    {
      op: 'update',
      table: 'conversation_messages',
      key: { message_id: 'z' },
      set: { answered: true },
    },
    { op: 'delete', table: 'conversation_messages', column: 'turn_id', values: ['t'] },
    { op: 'insert', table: 'conversation_messages', rows: [row('a')] },
    {
      op: 'update',
      table: 'conversation_messages',
      key: { turn_id: 'q' },
      set: { answered: true },
    },
  ];
  expect(foldChanges(changes)).toEqual([
    { op: 'set', table: 'conversation_messages', keys: ['a', 'z'], set: { answered: true } },
    {
      op: 'insert',
      table: 'conversation_messages',
      rows: [{ message_id: 'a', answered: true }, row('b'), row('c')],
    },
    { op: 'change', change: changes[4] },
    { op: 'insert', table: 'conversation_messages', rows: [row('a')] },
    { op: 'change', change: changes[6] },
  ]);
});
