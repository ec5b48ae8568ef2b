import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeyValues, readSchema } from '../../../src/server/capture/readers/sqlite/keyValues.ts';
import type { Pages } from '../../../src/server/capture/readers/sqlite/pages.ts';
import { Store } from '../../../src/server/capture/readers/sqlite/store.ts';
import { readAll, sourceAt, Writer } from './cursorStores.ts';

const ROWS = 60;
let home: string;
let writer: Writer;
let generation: number;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'turnkeep-cursor-'));
  writer = new Writer(join(home, 'state.vscdb'), { pageSize: 1024 });
  generation = 0;
  write();
});
afterEach(() => {
  writer.close();
  rmSync(home, { recursive: true, force: true });
});

/** One transaction that gives every row the same new number, and a length of its own. */
function write(): void {
  generation += 1;
  const rows = Array.from({ length: ROWS }, (_, index) => {
    return [`row:${index}`, `${generation} ${'x'.repeat((index * 1931 * generation) % 30_000)}`];
  });
  writer.put('cursorDiskKV', Object.fromEntries(rows));
}

/** The numbers in all rows, doing something between the first rows and the others. */
async function numbersIn(pages: Pages, between: () => void): Promise<Set<string>> {
  const rows = KeyValues.find(pages, readSchema(pages), 'cursorDiskKV');
  const keys = [...(rows?.keys('row:') ?? [])];
  expect(keys).toHaveLength(ROWS);
  const numbers = new Set<string>();
  for (const [index, key] of keys.entries()) {
    numbers.add(rows?.value(key)?.toString().split(' ')[0] ?? 'none');
    if (index === 20) between();
  }
  return numbers;
}

describe('while Cursor writes', () => {
  it('transactions that come meanwhile are not seen, and cost nothing', async () => {
    let runs = 0;
    const seen = await new Store(writer.path).read((pages) => {
      runs += 1;
      return numbersIn(pages, write);
    });
    expect([seen, runs, generation]).toEqual([new Set(['1']), 1, 2]);
  });

  for (const mode of ['PASSIVE', 'RESTART', 'TRUNCATE'] as const) {
    it(`a ${mode} checkpoint that changes pages underneath: all is read again`, async () => {
      writer.checkpoint('TRUNCATE');
      let runs = 0;
      const seen = await new Store(writer.path, { pauseMs: 1 }).read((pages) => {
        runs += 1;
        return numbersIn(pages, () => {
          if (runs > 1) return;
          write();
          writer.checkpoint(mode);
          if (mode === 'RESTART') write();
        });
      });
      expect([seen, runs]).toEqual([new Set([String(generation)]), 2]);
    });
  }

  it('the same when the log goes on, with pages that were not in it before', async () => {
    writer.checkpoint('TRUNCATE');
    writer.put('ItemTable', { window: 'open' });
    let runs = 0;
    const seen = await new Store(writer.path, { pauseMs: 1 }).read((pages) => {
      runs += 1;
      return numbersIn(pages, () => {
        if (runs > 1) return;
        write();
        writer.checkpoint('PASSIVE');
      });
    });
    expect([seen, runs]).toEqual([new Set(['2']), 2]);
  });

  it('one store follows its log from reading to reading', async () => {
    const store = new Store(writer.path, { pauseMs: 1 });
    for (let round = 0; round < 12; round += 1) {
      if (round % 4 === 3) writer.checkpoint(round % 8 === 3 ? 'TRUNCATE' : 'RESTART');
      write();
      const seen = await store.read((pages) => numbersIn(pages, () => {}));
      expect(seen).toEqual(new Set([String(generation)]));
    }
  });

  it('gives up with a named fault, never with a mixture, when it changes every time', async () => {
    let runs = 0;
    const reading = new Store(writer.path, { pauseMs: 1 }).read((pages) => {
      runs += 1;
      return numbersIn(pages, () => {
        write();
        writer.checkpoint('TRUNCATE');
      });
    });
    await expect(reading).rejects.toMatchObject({ name: 'StoreError', fault: 'busy' });
    expect(runs).toBe(6);
  });

  it('what a half-changed page makes of the reading is not told as damage', async () => {
    let runs = 0;
    writer.checkpoint('TRUNCATE');
    const value = await new Store(writer.path, { pauseMs: 1 }).read((pages) => {
      runs += 1;
      if (runs > 1) return 'read';
      readSchema(pages);
      writer.database.exec("DELETE FROM cursorDiskKV WHERE key > 'row:2'");
      writer.database.exec('VACUUM');
      writer.checkpoint('TRUNCATE');
      throw new RangeError('out of the page');
    });
    expect([value, runs]).toEqual(['read', 2]);
  });

  it('conversations are whole and new while the writer goes on between them', async () => {
    const put = (count: number) => {
      const rows: Record<string, unknown> = {};
      for (const id of ['one', 'two', 'three']) {
        rows[`composerData:${id}`] = {
          composerId: id,
          fullConversationHeadersOnly: Array.from({ length: count }, (_, index) => {
            return { bubbleId: `b${index}`, type: 1 };
          }),
        };
        for (let index = 0; index < count; index += 1) {
          rows[`bubbleId:${id}:b${index}`] = { type: 1, text: `${count}` };
        }
      }
      writer.put('cursorDiskKV', rows);
    };
    put(3);
    let count = 3;
    const timer = setInterval(() => {
      count += 1;
      put(count);
      writer.checkpoint(count % 2 ? 'PASSIVE' : 'TRUNCATE');
    }, 5);
    try {
      for (let round = 0; round < 10; round += 1) {
        const { conversations, problems } = await readAll(sourceAt(writer.path));
        expect(problems).toEqual([]);
        expect(conversations).toHaveLength(3);
        for (const { turns } of conversations) {
          const texts = new Set(turns.map(({ prompt }) => prompt?.text));
          expect(texts).toEqual(new Set([String(turns.length)]));
        }
      }
    } finally {
      clearInterval(timer);
    }
    expect(count).toBeGreaterThan(3);
  });
});
