import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TurnkeepError } from '../../../src/contracts/errors.ts';
import { cursorStoreReader } from '../../../src/server/capture/readers/cursorStore.ts';
import { fixture, type Outcome, readAll, sourceAt, Writer } from './cursorStores.ts';

const RUNS = 1000;
/** Milliseconds: two thousand files are written, on whatever disk there is. */
const TIME = 180_000;
let home: string;
let rows: Record<string, string>;
let items: Record<string, unknown>;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'turnkeep-cursor-'));
  const stores = ['inline', 'headers', 'identifier', 'tabs', 'inline-workspace', 'prompts'];
  const contents = stores.flatMap((generation) => Object.values(fixture(generation)));
  const texts = contents.flatMap(({ cursorDiskKV = {} }) => Object.entries(cursorDiskKV));
  rows = Object.fromEntries(texts.map(([key, value]) => [key, JSON.stringify(value)]));
  items = Object.assign({}, ...contents.map(({ ItemTable }) => ItemTable));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** The same numbers in each run of the tests, so that what fails once fails again. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** What the reader makes of a store: conversations and problems, or the error that it names. */
async function outcomeOf(path: string): Promise<Outcome | TurnkeepError> {
  try {
    await cursorStoreReader.count(sourceAt(path));
    return await readAll(sourceAt(path));
  } catch (error) {
    if (error instanceof TurnkeepError) return error;
    throw error;
  }
}

function expectSound(outcome: Outcome | TurnkeepError): void {
  if (outcome instanceof TurnkeepError) {
    expect(['invalid_request', 'database_unavailable']).toContain(outcome.code);
    return;
  }
  for (const { conversation, turns } of outcome.conversations) {
    expect(conversation).not.toBe('');
    expect(turns.length).toBeGreaterThan(0);
    for (const turn of turns) {
      expect(turn.prompt === null || typeof turn.prompt.text === 'string').toBe(true);
      for (const { text, at } of turn.answers) {
        expect(text.trim()).not.toBe('');
        expect(at === null || !Number.isNaN(Date.parse(at))).toBe(true);
      }
    }
  }
  for (const { reason } of outcome.problems) expect(reason).not.toBe('');
}

describe('damage', () => {
  it(
    `${RUNS} stores with bytes changed anywhere end in turns or named problems`,
    async () => {
      const made = join(home, 'made', 'state.vscdb');
      const writer = new Writer(made, { pageSize: 512 });
      writer.put('ItemTable', items);
      writer.checkpoint('TRUNCATE');
      writer.put('cursorDiskKV', rows);
      const path = join(home, 'state.vscdb');
      writer.copyTo(path);
      writer.close();
      const database = readFileSync(path);
      const log = readFileSync(`${path}-wal`);
      let told = 0;
      for (let run = 0; run < RUNS; run += 1) {
        const below = numbers(run + 1);
        // Half of them without a log, whose checksums would hide what is changed in it.
        const files: [string, Buffer][] = [['', Buffer.from(database)]];
        if (run % 2) files.push(['-wal', Buffer.from(log)]);
        for (let change = 0; change <= run % 9; change += 1) {
          const bytes = files[below(files.length)]?.[1] ?? database;
          bytes[below(bytes.length)] = below(256);
        }
        rmSync(`${path}-wal`, { force: true });
        for (const [end, bytes] of files) writeFileSync(`${path}${end}`, bytes);
        const outcome = await outcomeOf(path);
        expectSound(outcome);
        if (outcome instanceof TurnkeepError || outcome.problems.length > 0) told += 1;
      }
      expect(told).toBeGreaterThan(RUNS / 20);
    },
    TIME,
  );

  it(
    'the same with everything in one file',
    async () => {
      const writer = new Writer(join(home, 'plain', 'state.vscdb'), { pageSize: 512, log: false });
      writer.put('ItemTable', items);
      writer.put('cursorDiskKV', rows);
      writer.close();
      const whole = readFileSync(writer.path);
      for (let run = 0; run < RUNS; run += 1) {
        const below = numbers(run + 5000);
        const bytes = Buffer.from(whole);
        // Most of a page's harm is in its first bytes: what it is, and where its rows are.
        for (let change = 0; change <= run % 12; change += 1) {
          const page = below(bytes.length / 512) * 512;
          bytes[page + below(change % 2 ? 512 : 24)] = below(256);
        }
        writeFileSync(writer.path, bytes);
        expectSound(await outcomeOf(writer.path));
      }
    },
    TIME,
  );

  it(
    `${RUNS} stores with rows changed end in turns or named problems`,
    async () => {
      const folder = join(home, 'rows');
      mkdirSync(folder);
      const junk = ['null', '0', '-1', '[]', '{}', '""', '"x"', '[{}]', '1e999', 'true', '{', '\0'];
      // Many conversations a store, each from the fixtures with something in its place changed.
      for (let store = 0; store < 20; store += 1) {
        const writer = new Writer(join(folder, `${store}.vscdb`), { log: false });
        const below = numbers(store + 1);
        const changed: Record<string, unknown> = {};
        for (let run = 0; run < RUNS / 20; run += 1) {
          for (const [key, text] of Object.entries(rows)) {
            const values = [...text.matchAll(/"(?:[^"\\]|\\.)*"(?!:)|\d+|\[\]|true|null/g)];
            const { 0: value = '', index = 0 } = values[below(values.length)] ?? {};
            const swapped = junk[below(junk.length)] ?? '';
            const own = key.replaceAll('comp-', `c${run}-`);
            const next = text.slice(0, index) + swapped + text.slice(index + value.length);
            changed[own] = next.replaceAll('comp-', `c${run}-`);
          }
        }
        writer.put('cursorDiskKV', changed, { blobs: store % 2 === 0 });
        writer.close();
        const outcome = await outcomeOf(writer.path);
        expectSound(outcome);
        expect(outcome).toMatchObject({ problems: expect.anything() });
      }
    },
    TIME,
  );
});
