import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../../scripts/lib/setup.mjs';

/** The middle of some numbers (of an even count, the mean of the two). */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The value below which `share` (0 to 1) of the numbers lie. */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** Milliseconds that some work takes. */
export async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

export async function makeHome() {
  return mkdtemp(join(tmpdir(), 'turnkeep-bench-'));
}

export const removeHome = (home) => rm(home, { recursive: true, force: true });

/** Milliseconds from the spawn of a program to its first line of output, and what it said. */
async function firstLine(args, env) {
  const began = performance.now();
  const child = spawn(process.execPath, args, {
    env: { ...process.env, POSTGRES_DSN: '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { ms: performance.now() - began, child, line };
}

/** Starts the server on a home and waits until it reports that it is healthy. */
export async function startServer(home, env = {}) {
  const flags = JSON.parse(
    await readFile(join(root, 'src/contracts/serverNodeFlags.json'), 'utf8'),
  );
  const args = [...flags, join(root, 'dist/server.mjs'), '--port', '0', '--idle-exit', '0'];
  const { ms, child, line } = await firstLine(args, { TURNKEEP_HOME: home, ...env });
  const report = JSON.parse(line);
  if (!report.ready) throw new Error(report.error.message);
  const token = (await readFile(join(home, 'token'), 'utf8')).trim();
  return {
    ms,
    pid: child.pid,
    url: report.url,
    /** Calls a tool by REST and gives its data. */
    async call(tool_name, args) {
      const response = await fetch(`${report.url}/mcp/tools/call`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ tool_name, arguments: args }),
      });
      const envelope = await response.json();
      if (!envelope.success) throw new Error(envelope.error.message);
      return envelope.data;
    },
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Milliseconds that bare PGlite, with its own settings, takes to open a folder and answer. */
export async function openBarePglite(folder) {
  const { ms, child } = await firstLine([join(root, 'test/bench/barePglite.mjs'), folder], {});
  await once(child, 'exit');
  return ms;
}

/** Fills a server with turns of ordinary length, in batches; gives the number of messages. */
export async function fill(server, messages) {
  const BATCH = 250;
  let stored = 0;
  while (stored < messages) {
    const turns = Array.from({ length: BATCH }, (_, index) => turn(stored + index));
    await server.call('capture_turns', { turns });
    stored += BATCH * 2;
  }
  return stored;
}

const WORDS =
  'the index of a table grows with each row that we insert so the planner reads fewer pages when a query names its key and sorts by time while the cache holds what was asked last'.split(
    ' ',
  );

/** A turn of about 100 and 500 characters, different for each number. */
export function turn(number) {
  const text = (count, salt) =>
    Array.from({ length: count }, (_, i) => WORDS[(number * salt + i * 7) % WORDS.length]).join(
      ' ',
    );
  return {
    query: `Question ${number}: ${text(18, 3)}?`,
    response: `Answer ${number}: ${text(95, 5)}.`,
    metadata: { model: `model-${number % 3}` },
  };
}
