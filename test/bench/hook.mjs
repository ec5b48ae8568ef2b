import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../../scripts/lib/setup.mjs';
import { makeHome, median, removeHome } from './support.mjs';

const ROUNDS = 41;
const FLOOR = 1.5;

const payload = JSON.stringify({
  conversation_id: 'b5f9f1b2-58a2-4f0c-9d25-6f2a4a3f5a10',
  generation_id: '9c3b1f0e-0d51-4d0f-8f3e-1c5b2f6d7e80',
  hook_event_name: 'afterAgentResponse',
  workspace_roots: [],
  text: 'The index of a table grows with each row that we insert. '.repeat(70),
});

/** Milliseconds from the spawn of a program to its end, with the payload on its standard input. */
async function wholeRun(args, env) {
  const began = performance.now();
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  // `node -e 0` does not read.
  child.stdin.on('error', () => {});
  child.stdin.end(payload);
  await once(child, 'exit');
  return performance.now() - began;
}

/** The hook program beside a Node that does nothing, by turns. */
export async function measureHook() {
  const home = await makeHome();
  const env = { TURNKEEP_HOME: home };
  const hook = [join(root, 'dist/hook.mjs'), 'cursor'];
  try {
    const bare = [];
    const ours = [];
    await wholeRun(hook, env);
    for (let round = 0; round < ROUNDS; round += 1) {
      bare.push(await wholeRun(['-e', '0'], env));
      ours.push(await wholeRun(hook, env));
    }
    const ratio = median(ours) / median(bare);
    return [
      { what: '`node -e 0`, whole process', value: `${median(bare).toFixed(0)} ms`, floor: '' },
      {
        what: 'hook program on a turn of 4 KB, whole process',
        value: `${ratio.toFixed(2)} × (${median(ours).toFixed(0)} ms)`,
        floor: `≤ ${FLOOR} ×`,
        ok: ratio <= FLOOR,
      },
    ];
  } finally {
    await removeHome(home);
  }
}
