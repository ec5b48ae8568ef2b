// `npm run bench:soak -- --minutes 30 --rate 20`: a mixed load on one server for a long time, and what
// its memory does meanwhile. Prints the slope over the second half; ends with an error when memory
// grows, something stays open, a request hangs or is answered with a 5xx. `--no-build` takes dist/ as
// it is, `--csv FILE` keeps the samples.
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg, platform, release } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runNode } from '../../scripts/lib/setup.mjs';
import { soakLoad } from './soakLoad.mjs';
import { fill, makeHome, median, removeHome, startServer } from './support.mjs';

const SAMPLE_EVERY_MS = 5_000;
/** Jobs under way at once; a server that cannot keep up is not buried. */
const MOST_AT_ONCE = 40;
const FILLED = 2_000;
const MB = 1024 * 1024;
/** A kilobyte lost in each second request would grow by more at 20 requests a second. */
const MOST_MB_AN_HOUR = 30;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string', default: '20' },
    csv: { type: 'string' },
    'no-build': { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
const rate = Number(values.rate);
if (!(minutes >= 6 && rate > 0))
  throw new Error('--minutes wants 6 or more, --rate a number above 0.');

/** The values of the server's own `/metrics`, by name. */
async function measures({ url, token }) {
  const headers = { authorization: `Bearer ${token}` };
  const text = await (await fetch(`${url}/metrics`, { headers })).text();
  const value = (name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return {
    at: Date.now(),
    rss: value('process_resident_memory_bytes') / MB,
    heap: value('process_heap_bytes') / MB,
    streams: value('turnkeep_streams_open'),
    sessions: value('turnkeep_mcp_sessions'),
    resources: value('process_active_resources'),
  };
}

/**
 * The lowest value of each whole minute: what is left after the server's own collections of it.
 * @returns {{minutes: number, value: number}[]}
 */
function lowest(samples, name) {
  const began = samples[0].at;
  const byMinute = new Map();
  for (const sample of samples) {
    const minute = Math.floor((sample.at - began) / 60_000);
    byMinute.set(minute, [...(byMinute.get(minute) ?? []), sample[name]]);
  }
  const whole = (0.8 * 60_000) / SAMPLE_EVERY_MS;
  return [...byMinute]
    .filter(([, values]) => values.length >= whole)
    .map(([minute, values]) => ({ minutes: minute, value: Math.min(...values) }));
}

/** Slope by least squares, in units an hour. */
function slopeAnHour(points) {
  const mean = (of) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const x = mean((point) => point.minutes);
  const y = mean((point) => point.value);
  let [over, under] = [0, 0];
  for (const point of points) {
    over += (point.minutes - x) * (point.value - y);
    under += (point.minutes - x) ** 2;
  }
  return (over / under) * 60;
}

/** Sends jobs at the rate until the time is over, and samples meanwhile. */
async function run(server, tally) {
  const job = soakLoad(server, tally);
  const samples = [];
  const underWay = new Set();
  const end = Date.now() + minutes * 60_000;
  let sampled = 0;
  let skipped = 0;
  while (Date.now() < end) {
    const tick = wait(1000 / rate);
    if (underWay.size < MOST_AT_ONCE) {
      const one = job().finally(() => underWay.delete(one));
      underWay.add(one);
    } else skipped += 1;
    if (Date.now() - sampled >= SAMPLE_EVERY_MS) {
      sampled = Date.now();
      samples.push(await measures(server));
    }
    await tick;
  }
  await Promise.all(underWay);
  return { samples, skipped };
}

if (!values['no-build']) await runNode(['scripts/build.mjs']);
const home = await makeHome();
const started = await startServer(home);
const server = { ...started, token: (await readFile(join(home, 'token'), 'utf8')).trim() };
const tally = { answers: new Map(), cancelled: 0, hung: 0, problems: [] };
try {
  await fill(started, FILLED);
  const before = await measures(server);
  const { samples, skipped } = await run(server, tally);
  // What clients have left takes the server a moment to notice.
  await wait(20_000);
  const after = await measures(server);
  const { stats } = await started.call('get_conversation_stats', {});
  if (values.csv) {
    const names = Object.keys(before);
    const lines = samples.map((sample) => names.map((name) => sample[name]).join(','));
    await writeFile(values.csv, `${[names.join(','), ...lines].join('\n')}\n`);
  }
  const half = samples.slice(Math.floor(samples.length / 2));
  const slopes = {
    rss: slopeAnHour(lowest(half, 'rss')),
    heap: slopeAnHour(lowest(half, 'heap')),
  };
  const answered = [...tally.answers].sort(([a], [b]) => a - b);
  const count = answered.reduce((sum, [, number]) => sum + number, 0);
  const failed = answered.filter(([status]) => status >= 500);
  const middle = (name) => median(half.map((sample) => sample[name])).toFixed(0);
  const rows = [
    [
      'requests answered (by status)',
      `${count} (${answered.map((pair) => pair.join(': ')).join(', ')})`,
    ],
    ['left before the answer', `${tally.cancelled}`],
    ['jobs left out, because too many were under way', `${skipped}`],
    ['messages stored: begin, end', `${FILLED}, ${stats.totals.messages}`],
    [
      'resident memory: begin, median of the second half, end',
      `${before.rss.toFixed(0)}, ${middle('rss')}, ${after.rss.toFixed(0)} MB`,
    ],
    ['slope of resident memory, second half', `${slopes.rss.toFixed(1)} MB/hour`],
    [
      'heap: begin, median of the second half, end',
      `${before.heap.toFixed(0)}, ${middle('heap')}, ${after.heap.toFixed(0)} MB`,
    ],
    ['slope of the heap, second half', `${slopes.heap.toFixed(1)} MB/hour`],
    ['streams open: begin, end', `${before.streams}, ${after.streams}`],
    ['MCP sessions kept: begin, end', `${before.sessions}, ${after.sessions}`],
    ['handles and other active resources: begin, end', `${before.resources}, ${after.resources}`],
  ];
  const model = cpus()[0]?.model.trim();
  console.log(
    `\n${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${model}, ${platform()} ${release()}, Node ${process.version}, load ${loadavg()[2].toFixed(1)} (15 min)`,
  );
  console.log(`${minutes} minutes, ${rate} jobs/s\n\n| what | measured |\n| --- | --- |`);
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
  for (const problem of tally.problems.slice(0, 20)) console.error(`problem: ${problem}`);
  const faults = [
    failed.length > 0 && 'answers with a 5xx',
    tally.hung > 0 && 'requests without an answer',
    after.streams > 0 && 'streams that stayed open',
    slopes.rss > MOST_MB_AN_HOUR && 'resident memory that grows',
    slopes.heap > MOST_MB_AN_HOUR && 'a heap that grows',
  ].filter(Boolean);
  if (faults.length > 0) {
    console.error(`\nNot well: ${faults.join(', ')}.`);
    process.exitCode = 1;
  }
} finally {
  await started.stop();
  await removeHome(home);
}
