// npm run bench:scale -- --messages N [--json] [--no-build]
// On the embedded engine.
// Fills a server with N messages through import_messages, then asks through query_memory over HTTP;
// prints latency, size, memory and the cost of the index.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runNode } from '../../scripts/lib/setup.mjs';
import { randomFrom, scaleLines, scaleQuestion } from './scaleText.mjs';
import { makeHome, percentile, removeHome, startServer, turn } from './support.mjs';

const LINES_A_CALL = 200;
const QUESTIONS = 200;

async function folderSize(folder) {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    bytes += (await stat(join(entry.parentPath ?? entry.path, entry.name))).size;
  }
  return bytes;
}

async function residentMemory(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function askMany(server, messages, project) {
  const random = randomFrom(42);
  const times = [];
  for (let n = 0; n < QUESTIONS; n += 1) {
    const query = scaleQuestion(Math.floor(random() * messages), random);
    times.push(await timed(() => server.call('query_memory', { query, project, limit: 10 })));
  }
  return { p50: percentile(times, 0.5), p95: percentile(times, 0.95) };
}

/** Captures one after the other while questions are asked all the time. */
async function captureWhileSearching(server, messages) {
  let searching = true;
  const random = randomFrom(7);
  const searches = (async () => {
    while (searching) {
      const query = scaleQuestion(Math.floor(random() * messages), random);
      await server.call('query_memory', { query, project: '*', limit: 10 });
    }
  })();
  const times = [];
  for (let n = 0; n < 200; n += 1) {
    times.push(await timed(() => server.call('capture_user_query', { query: turn(n).query })));
  }
  searching = false;
  await searches;
  return { p50: percentile(times, 0.5), p95: percentile(times, 0.95) };
}

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '10000' },
    home: { type: 'string' },
    json: { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
  },
});
const messages = Number(values.messages);
if (!values['no-build']) await runNode(['scripts/build.mjs', 'server', 'databaseWorker']);
const home = values.home ?? (await makeHome());
const server = await startServer(home);
try {
  const lines = [];
  const seconds =
    (await timed(async () => {
      const send = () => server.call('import_messages', { lines: lines.splice(0) });
      for (const line of scaleLines(0, messages)) {
        if (lines.push(line) >= LINES_A_CALL) await send();
      }
      if (lines.length > 0) await send();
    })) / 1000;
  const result = {
    messages,
    import_per_second: Math.round(messages / seconds),
    data_mib: Math.round((await folderSize(home)) / 1024 / 1024),
    all: await askMany(server, messages, '*'),
    project: await askMany(server, messages, 'scale-1'),
    capture_while_searching: await captureWhileSearching(server, messages),
    memory_mib: Math.round(await residentMemory(server.pid)),
  };
  console.log(values.json ? JSON.stringify(result) : result);
} finally {
  await server.stop();
  if (!values.home) await removeHome(home);
}
