// node test/bench/cursorStore.mjs [--gb N] [--json]
// Makes a store of Cursor's of N GB (2) with a write-ahead log, holds it open as Cursor does, and
// reads it all with the server's reader in a process of its own: time, rate and peak memory.
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { build } from 'esbuild';
import sqlite from 'node-sqlite3-wasm';
import { root } from '../../scripts/lib/setup.mjs';
import { makeHome, removeHome, turn } from './support.mjs';

const MOST_MEMORY_MB = 300;
const GB = 1024 ** 3;

/** Conversations as they are found: short prompts, longer answers, and the results of tools. */
function* conversations() {
  const result = turn(1).response.repeat(100);
  for (let number = 0; ; number += 1) {
    const id = `composer-${number}`;
    // One in fifty is very long, and one row in them is of the largest that occur.
    const turns = number % 50 === 49 ? 400 : 12;
    const rows = [];
    const add = (type, more) => {
      const bubbleId = `${id}-${rows.length}`;
      const at = new Date(1.75e12 + number * 1e6 + rows.length * 1e3).toISOString();
      rows.push([
        bubbleId,
        type,
        JSON.stringify({ _v: 3, type, bubbleId, createdAt: at, ...more }),
      ]);
    };
    for (let index = 0; index < turns; index += 1) {
      const { query, response } = turn(number * 400 + index);
      add(1, { text: query, requestId: `${id}-request-${index}` });
      for (let call = 0; call < 3; call += 1) {
        const times = index === 200 && call === 0 ? 300 : 1 + ((index + call) % 4);
        const params = JSON.stringify({ relativeWorkspacePath: `src/file${call}.ts` });
        const toolFormerData = { name: 'edit_file_v2', status: 'completed', params };
        add(2, { text: '', toolFormerData: { ...toolFormerData, result: result.repeat(times) } });
      }
      add(2, { text: response, tokenCount: { inputTokens: 900, outputTokens: 120 } });
    }
    const fullConversationHeadersOnly = rows.map(([bubbleId, type]) => ({ bubbleId, type }));
    const workspaceIdentifier = { id: 'w', uri: { fsPath: `/home/dev/project-${number % 5}` } };
    const times = { createdAt: 1.75e12, lastUpdatedAt: 1.75e12 + number * 1e6 };
    const data = { _v: 17, composerId: id, name: `Conversation ${number}`, status: 'completed' };
    const whole = { ...data, ...times, workspaceIdentifier, fullConversationHeadersOnly };
    yield { id, turns, value: JSON.stringify(whole), rows };
  }
}

/** Writes until the file has `bytes`; gives the open database and what is in it. */
function makeStore(path, bytes) {
  const database = new sqlite.Database(path);
  database.exec('PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;');
  database.exec(
    'CREATE TABLE cursorDiskKV (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB); BEGIN;',
  );
  const insert = database.prepare('INSERT INTO cursorDiskKV VALUES (?, ?)');
  const made = { conversations: 0, turns: 0 };
  const size = () => database.get('PRAGMA page_count').page_count * 4096;
  const put = ({ id, turns, value, rows }) => {
    for (const [bubbleId, , row] of rows) insert.run([`bubbleId:${id}:${bubbleId}`, row]);
    insert.run([`composerData:${id}`, value]);
    made.conversations += 1;
    made.turns += turns;
  };
  const all = conversations();
  while (size() < bytes) put(all.next().value);
  database.exec('COMMIT; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; BEGIN;');
  for (let count = 0; count < 20; count += 1) put(all.next().value);
  database.exec('COMMIT');
  insert.finalize();
  return { database, made };
}

/** In the process that reads: conversations, turns, problems and seconds, and its peak memory. */
async function readStore(bundle, path) {
  const { cursorStoreReader: reader } = await import(bundle);
  const source = {
    reader: reader.name,
    agent: 'cursor',
    path,
    bytes: 0,
    modifiedAt: '',
    cwd: null,
  };
  const read = { conversations: 0, turns: 0, problems: 0, longest_pause_ms: 0 };
  const onProblem = () => {
    read.problems += 1;
  };
  let last = performance.now();
  const timer = setInterval(() => {
    read.longest_pause_ms = Math.max(read.longest_pause_ms, performance.now() - last);
    last = performance.now();
  }, 5);
  const began = performance.now();
  for await (const { turns } of reader.read(source, { onProblem })) {
    read.conversations += 1;
    read.turns += turns.length;
  }
  clearInterval(timer);
  const seconds = (performance.now() - began) / 1000;
  const counting = performance.now();
  await reader.count(source);
  const count_seconds = (performance.now() - counting) / 1000;
  const peak_mb = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ ...read, seconds, count_seconds, peak_mb }));
}

async function main({ gb, json }) {
  const home = await makeHome();
  try {
    const bundle = join(home, 'reader.mjs');
    const entry = join(root, 'src/server/capture/readers/cursorStore.ts');
    const output = {
      format: 'esm',
      platform: 'node',
      bundle: true,
      minify: true,
      outfile: bundle,
      mainFields: ['module', 'main'],
    };
    await build({ entryPoints: [entry], ...output, logLevel: 'warning' });
    const path = join(home, 'state.vscdb');
    const began = performance.now();
    const { database, made } = makeStore(path, gb * GB);
    const make_seconds = (performance.now() - began) / 1000;
    const bytes = (await stat(path)).size + (await stat(`${path}-wal`)).size;
    const flags = JSON.parse(
      await readFile(join(root, 'src/contracts/serverNodeFlags.json'), 'utf8'),
    );
    const args = [...flags, fileURLToPath(import.meta.url), '--reader', bundle, '--store', path];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    database.close();
    const read = JSON.parse(stdout);
    const report = { bytes, make_seconds, ...read, mb_per_s: bytes / 1e6 / read.seconds };
    if (json) console.log(JSON.stringify(report));
    else console.table(report);
    const whole = read.conversations === made.conversations && read.turns === made.turns;
    if (!whole || read.problems > 0) throw new Error('not everything was read');
    if (read.peak_mb > MOST_MEMORY_MB) throw new Error(`more than ${MOST_MEMORY_MB} MB of memory`);
  } finally {
    await removeHome(home);
  }
}

const { values } = parseArgs({
  options: {
    gb: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
    reader: { type: 'string' },
    store: { type: 'string' },
  },
});
if (values.reader) await readStore(values.reader, values.store);
else await main({ gb: Number(values.gb), json: values.json });
