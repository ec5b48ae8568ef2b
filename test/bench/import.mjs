// How fast `turnkeep import` takes in a JSONL file, on the embedded engine, from the spawn of the
// command to its end on a warm server. Alone: node test/bench/import.mjs [--messages N]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../../scripts/lib/setup.mjs';
import { makeHome, removeHome, startServer, turn } from './support.mjs';

const MESSAGES = 20_000;
const TURNS_A_SESSION = 25;
const FLOOR = 1500;

/** Writes sessions of ordinary length, one message a line; about 300 characters each. */
async function writeMessages(file, messages) {
  const out = createWriteStream(file);
  for (let n = 0; n < messages / 2; n += 1) {
    const { query, response, metadata } = turn(n);
    const session = `session ${Math.floor(n / TURNS_A_SESSION)}`;
    const at = Date.parse('2025-01-01T00:00:00Z') + n * 60_000;
    const place = { session, project: `project ${n % 3}` };
    const lines = [
      { ...place, role: 'user', content: query, created_at: new Date(at).toISOString() },
      {
        ...place,
        role: 'assistant',
        content: response,
        created_at: new Date(at + 5_000).toISOString(),
        model: metadata.model,
      },
    ];
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    if (!out.write(text)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

/** Runs the command line to its end; gives its JSON and how long it took, in seconds. */
async function runCli(home, args) {
  const began = performance.now();
  const child = spawn(process.execPath, [join(root, 'dist/cli.mjs'), ...args, '--json'], {
    env: { ...process.env, POSTGRES_DSN: '', TURNKEEP_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`turnkeep ${args[0]} ended with exit code ${code}`);
  return { value: JSON.parse(output), seconds: (performance.now() - began) / 1000 };
}

/** Messages a second of an import of `messages` messages, redacted and indexed. */
export async function measureImport(messages = MESSAGES) {
  const home = await makeHome();
  const server = await startServer(home);
  try {
    const file = join(home, 'messages.jsonl');
    await writeMessages(file, messages);
    const first = await runCli(home, ['import', file]);
    if (first.value.imported !== messages) throw new Error(JSON.stringify(first.value));
    const again = await runCli(home, ['import', file]);
    if (again.value.skipped !== messages) throw new Error(JSON.stringify(again.value));
    const rate = messages / first.seconds;
    return [
      {
        what: `import of ${messages.toLocaleString('en-US')} messages from JSONL`,
        value: `${rate.toFixed(0)} messages/s`,
        floor: `≥ ${FLOOR.toLocaleString('en-US')} messages/s`,
        ok: rate >= FLOOR,
      },
      {
        what: 'the same file once more, all stored already',
        value: `${(messages / again.seconds).toFixed(0)} messages/s`,
        floor: '',
      },
    ];
  } finally {
    await server.stop();
    await removeHome(home);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const given = process.argv.indexOf('--messages');
  const rows = await measureImport(given < 0 ? undefined : Number(process.argv[given + 1]));
  for (const { what, value } of rows) console.log(`${what}: ${value}`);
}
