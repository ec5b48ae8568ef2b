import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../../scripts/lib/setup.mjs';
import { fill, makeHome, percentile, removeHome, startServer } from './support.mjs';

const TURNS = 40;
const STORED_BEFORE = 10_000;
const LIMIT_MS = 10_000;

const letters = (number) =>
  [...String(number).padStart(3, '0')].map((digit) => 'bdfgklmprs'[digit]).join('o');

async function hook(home, payload) {
  const child = spawn(process.execPath, [join(root, 'dist/hook.mjs'), 'cursor'], {
    env: { ...process.env, TURNKEEP_HOME: home },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.stdin.end(JSON.stringify(payload));
  await once(child, 'exit');
}

/** Milliseconds from the start of the last hook of a turn until its answer is found by a search. */
async function endToSearchable(server, home, number) {
  const word = `turnend${letters(number)}`;
  const common = {
    conversation_id: `bench-${number % 5}`,
    generation_id: `generation-${number}`,
    workspace_roots: [],
    transcript_path: null,
  };
  const send = (event, more) => hook(home, { ...common, hook_event_name: event, ...more });
  await send('beforeSubmitPrompt', { prompt: `What is ${word}?` });
  await send('afterAgentResponse', { text: 'A part of the answer.' });
  const began = performance.now();
  await send('afterAgentResponse', { text: `It is the ${word} of the bench.` });
  await send('stop', { status: 'completed' });
  for (;;) {
    const { ltst } = await server.call('query_memory', { query: word, project: '*', limit: 3 });
    const found = ltst.items.some(
      ({ role, content }) => role === 'assistant' && content.includes(word),
    );
    const ms = performance.now() - began;
    if (found) return ms;
    if (ms > LIMIT_MS) throw new Error(`the turn is not found after ${LIMIT_MS} ms`);
    await new Promise((done) => setTimeout(done, 10));
  }
}

/** The way of a turn from its last hooks (two processes) through spool, intake and index. */
export async function measureTurnEnd() {
  const home = await makeHome();
  const server = await startServer(home);
  try {
    await fill(server, STORED_BEFORE);
    const times = [];
    for (let number = 0; number < TURNS; number += 1) {
      times.push(await endToSearchable(server, home, number));
    }
    const p95 = percentile(times, 0.95);
    return [
      {
        what: "a turn's end (last hooks) to searchable, p50 (p95)",
        value: `${percentile(times, 0.5).toFixed(0)} ms (${p95.toFixed(0)} ms)`,
        floor: 'p95 ≤ 1,000 ms',
        ok: p95 <= 1000,
      },
    ];
  } finally {
    await server.stop();
    await removeHome(home);
  }
}
