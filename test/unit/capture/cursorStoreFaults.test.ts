import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cursorStoreReader } from '../../../src/server/capture/readers/cursorStore.ts';
import { bubbles, composer, makeStores, readAll, sourceAt, Writer } from './cursorStores.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'turnkeep-cursor-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const globalStore = () => join(home, '.config/Cursor/User/globalStorage/state.vscdb');

describe('a store that is not as it should be', () => {
  const big = (index: number) => `${index} ${'long text '.repeat(index % 7 ? 20 : 4000)}`;

  for (const pageSize of [512, 1024, 4096, 16_384, 65_536]) {
    it(`pages of ${pageSize} bytes, rows over many pages, and half a write at the end`, async () => {
      const writer = new Writer(join(home, 'made', 'state.vscdb'), { pageSize });
      writer.put('cursorDiskKV', { ...composer('one', 120), ...bubbles('one', 120, big) });
      writer.checkpoint('PASSIVE');
      writer.put(
        'cursorDiskKV',
        bubbles('one', 30, (index) => `newer ${big(index)}`),
      );
      const path = join(home, 'crashed', 'state.vscdb');
      writer.copyTo(path);
      writer.put(
        'cursorDiskKV',
        bubbles('one', 120, () => 'never committed as far as the copy'),
      );
      const log = readFileSync(`${writer.path}-wal`);
      const whole = statSync(`${path}-wal`).size;
      // The transaction that follows, without its last frame, and that frame torn.
      appendFileSync(`${path}-wal`, log.subarray(whole, log.length - Math.floor(pageSize / 2)));
      writer.close();
      const { conversations, problems } = await readAll(sourceAt(path));
      expect(problems).toEqual([]);
      const texts = conversations[0]?.turns.flatMap(({ prompt, answers }) => [
        prompt?.text,
        answers[0]?.text,
      ]);
      expect(texts).toEqual(
        Array.from({ length: 120 }, (_, index) => `${index < 30 ? 'newer ' : ''}${big(index)}`),
      );
    });
  }

  it('leaves nothing behind and changes nothing, whatever lies beside it', async () => {
    makeStores(home, 'headers', { log: true });
    const folder = join(home, '.config', 'Cursor', 'User', 'globalStorage');
    writeFileSync(join(folder, 'state.vscdb-journal'), Buffer.alloc(512));
    const state = () =>
      readdirSync(folder).map((name) => {
        const { size, mtimeMs, ino } = statSync(join(folder, name));
        return [name, size, mtimeMs, ino, readFileSync(join(folder, name)).toString('base64')];
      });
    const before = state();
    expect((await readAll(sourceAt(globalStore()))).conversations).toHaveLength(1);
    await cursorStoreReader.count(sourceAt(globalStore()));
    expect(state()).toEqual(before);
  });

  it('a log that is missing, empty, or of something else', async () => {
    const writer = new Writer(join(home, 'made', 'state.vscdb'));
    writer.put('cursorDiskKV', { ...composer('one', 2), ...bubbles('one', 2, big) });
    writer.checkpoint('TRUNCATE');
    const path = join(home, 'state.vscdb');
    writer.copyTo(path);
    writer.close();
    for (const log of [Buffer.alloc(0), Buffer.alloc(40), Buffer.from('no log at all'.repeat(9))]) {
      writeFileSync(`${path}-wal`, log);
      expect((await readAll(sourceAt(path))).conversations).toHaveLength(1);
    }
    rmSync(`${path}-wal`);
    expect((await readAll(sourceAt(path))).conversations).toHaveLength(1);
  });

  it('waits for a write without a log, and says when one was broken off', async () => {
    const writer = new Writer(join(home, 'state.vscdb'), { log: false });
    writer.put('cursorDiskKV', { ...composer('one', 2), ...bubbles('one', 2, big) });
    writer.close();
    const journal = `${writer.path}-journal`;
    writeFileSync(journal, Buffer.from('d9d505f920a163d7', 'hex'));
    setTimeout(() => rmSync(journal), 80);
    expect((await readAll(sourceAt(writer.path))).conversations).toHaveLength(1);
    writeFileSync(journal, Buffer.from('d9d505f920a163d7', 'hex'));
    await expect(readAll(sourceAt(writer.path))).rejects.toMatchObject({
      code: 'database_unavailable',
      message: expect.stringContaining('broken off'),
    });
  });

  it('names what is no store, is cut off, or is gone', async () => {
    const path = join(home, 'state.vscdb');
    await expect(readAll(sourceAt(path))).rejects.toMatchObject({ code: 'invalid_request' });
    for (const bytes of ['', 'something else', `SQLite format 3\0${'\0'.repeat(200)}`]) {
      writeFileSync(path, bytes);
      await expect(readAll(sourceAt(path))).rejects.toMatchObject({ code: 'invalid_request' });
      await expect(cursorStoreReader.count(sourceAt(path))).rejects.toThrow(/store|SQLite/);
    }
    const writer = new Writer(join(home, 'cut', 'state.vscdb'), { log: false });
    writer.put('cursorDiskKV', { ...composer('one', 200), ...bubbles('one', 200, big) });
    writer.close();
    truncateSync(writer.path, Math.floor(statSync(writer.path).size / 8192) * 4096);
    const outcome = await readAll(sourceAt(writer.path)).catch((error: unknown) => error);
    expect(JSON.stringify(outcome)).toMatch(/damaged|not in the store|invalid_request/);
  });

  it('a database without these tables has no conversations', async () => {
    const writer = new Writer(join(home, 'state.vscdb'), { log: false });
    writer.database.exec('DROP TABLE ItemTable; DROP TABLE cursorDiskKV;');
    writer.close();
    expect(await readAll(sourceAt(writer.path))).toEqual({ conversations: [], problems: [] });
  });

  it('rotten rows are named and the others read', async () => {
    const writer = new Writer(join(home, 'state.vscdb'), { log: false });
    writer.put('cursorDiskKV', {
      ...composer('good', 5),
      ...bubbles('good', 5, big),
      'bubbleId:good:good-1': '{"type":2,"text":"cut o',
      'bubbleId:good:good-2': null,
      'bubbleId:good:good-3': { type: 9, text: 'from the future' },
      'composerData:cut': '{"composerId":"cut","fullConv',
      'composerData:list': '[1,2]',
      'composerData:number': 5,
    });
    writer.put('ItemTable', { 'workbench.panel.aichat.view.aichat.chatdata': '{"tabs":[' });
    writer.close();
    const { conversations, problems } = await readAll(sourceAt(writer.path));
    expect(conversations.map(({ conversation }) => conversation)).toEqual(['good']);
    expect(conversations[0]?.turns.map(({ prompt }) => prompt?.text)).toEqual([big(0), big(4)]);
    expect(problems.map(({ at }) => at)).toEqual([
      'workbench.panel.aichat.view.aichat.chatdata',
      'composerData:cut',
      'composerData:good',
      'composerData:list',
      'composerData:number',
    ]);
    expect(problems[2]?.reason).toBe(
      'Of 5 messages of this conversation, 1 damaged or too large, 1 not in the store, 1 of a kind that is not known. The others were read.',
    );
  });

  it('two turns never share a generation, even when the store says so', async () => {
    const writer = new Writer(join(home, 'state.vscdb'), { log: false });
    const rows = bubbles('one', 4, big);
    for (const row of Object.values(rows)) Object.assign(row, { requestId: 'same' });
    writer.put('cursorDiskKV', { ...composer('one', 4), ...rows });
    writer.close();
    const { conversations } = await readAll(sourceAt(writer.path));
    expect(conversations[0]?.turns.map(({ refs }) => refs)).toEqual([
      ['bubble:one-0', 'generation:same'],
      ['bubble:one-2'],
    ]);
  });

  it('stops when it is told to', async () => {
    makeStores(home, 'identifier');
    const stop = new AbortController();
    const seen: string[] = [];
    const reading = async () => {
      const options = { signal: stop.signal, onProblem: () => {} };
      for await (const { conversation } of cursorStoreReader.read(
        sourceAt(globalStore()),
        options,
      )) {
        seen.push(conversation);
        stop.abort();
      }
    };
    await expect(reading()).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen).toHaveLength(1);
    expect(existsSync(`${globalStore()}.lock`)).toBe(false);
  });
});
