// npm run bench:scale -- --messages 10000,100000 [--engine pglite|pg] [--json] [--no-build]
// Fills a server with N messages through import_messages, then asks through query_memory over HTTP,
// beside PostgreSQL's own any-term ts_rank_cd in the same run; prints latency, size, memory and the
// cost of the index. `--home FOLDER` keeps the data there and goes on with what it holds.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { runNode } from '../../scripts/lib/setup.mjs';
import { askPlain, dropPlain, makePlain, sizeOf } from './plainFullText.mjs';
import { startPostgres } from './postgresServer.mjs';
import { randomFrom, scaleLines, scaleQuestion } from './scaleText.mjs';
import { makeHome, percentile, removeHome, startServer, timed, turn } from './support.mjs';

const LINES_A_CALL = 1000;
const QUESTIONS = 200;
/** Each takes up to seconds. */
const PLAIN_QUESTIONS = 30;

async function residentMemory(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

function questions(messages, count, seed) {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () =>
    scaleQuestion(Math.floor(random() * messages), random),
  );
}

/** Messages a second; null when the home holds them already. */
async function importAll(server, from, to) {
  if (from >= to) return null;
  const lines = [];
  const ms = await timed(async () => {
    const send = () => server.call('import_messages', { lines: lines.splice(0) });
    for (const line of scaleLines(from, to)) {
      if (lines.push(line) >= LINES_A_CALL) await send();
    }
    if (lines.length > 0) await send();
  });
  return Math.round(((to - from) / ms) * 1000);
}

async function ask(server, asked, project) {
  const times = [];
  for (const query of asked) {
    times.push(await timed(() => server.call('query_memory', { query, project, limit: 10 })));
  }
  return { p50: percentile(times, 0.5), p95: percentile(times, 0.95) };
}

/** Captures one after the other while questions are asked all the time. */
async function captureWhileSearching(server, messages) {
  let searching = true;
  const asked = questions(messages, 1000, 7);
  const searches = (async () => {
    for (let n = 0; searching; n += 1) {
      await server.call('query_memory', { query: asked[n % 1000], project: '*', limit: 10 });
    }
  })();
  const times = [];
  for (let n = 0; n < QUESTIONS; n += 1) {
    times.push(await timed(() => server.call('capture_user_query', { query: turn(n).query })));
  }
  searching = false;
  await searches;
  return { p50: percentile(times, 0.5), p95: percentile(times, 0.95) };
}

async function measure(server, from, messages) {
  const asked = questions(messages, QUESTIONS, 42);
  const importPerSecond = await importAll(server, from, messages);
  // What the statistics of the tables are after some time of use.
  await server.call('run_sql', { sql: 'analyze', write: true });
  await ask(server, asked.slice(0, 20), '*');
  const all = await ask(server, asked, '*');
  const result = {
    messages,
    import_per_second: importPerSecond,
    all,
    project: await ask(server, asked, 'scale-1'),
    capture_while_searching: await captureWhileSearching(server, messages),
    memory_mib: Math.round(await residentMemory(server.pid)),
    conversations_mib: await sizeOf(server, "'conversation_messages'"),
    index_mib: await sizeOf(server, "'memory_index'", "'memory_terms'", "'memory_postings'"),
  };
  const made = await makePlain(server);
  const plain = await askPlain(server, asked.slice(0, PLAIN_QUESTIONS));
  await dropPlain(server);
  return {
    ...result,
    plain: { ...plain, index_seconds: made.seconds, index_mib: made.mib },
    times_faster: { p50: plain.p50 / all.p50, p95: plain.p95 / all.p95 },
  };
}

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '10000' },
    engine: { type: 'string', default: 'pglite' },
    home: { type: 'string' },
    json: { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
  },
});
if (!['pglite', 'pg'].includes(values.engine)) throw new Error('--engine is pglite or pg');
if (!values['no-build']) await runNode(['scripts/build.mjs', 'server', 'databaseWorker']);
const postgres = values.engine === 'pg' ? await startPostgres() : null;
const home = values.home ?? (await makeHome());
const server = await startServer(home, postgres ? { POSTGRES_DSN: postgres.dsn } : {});
try {
  const { stats } = await server.call('get_conversation_stats', {});
  let from = stats.totals.messages;
  for (const messages of values.messages.split(',').map(Number)) {
    const result = { engine: values.engine, ...(await measure(server, from, messages)) };
    console.log(values.json ? JSON.stringify(result) : result);
    from = messages + QUESTIONS;
  }
} finally {
  await server.stop();
  await postgres?.stop();
  if (!values.home) await removeHome(home);
}
