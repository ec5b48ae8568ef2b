// `npm run bench`: measures what the README and docs/benchmarks.md say, on this machine, and prints
// one table. `--json` prints the rows as JSON; a name (starts, captures, import, hook, turnEnd,
// webhooks, api, ai, models, redaction, activation, sizes) runs only that part.

import { cpus, platform, release } from 'node:os';
import { ensureDependencies, runNode } from './lib/setup.mjs';

const parts = {
  activation: async () => (await import('../test/bench/activation.mjs')).measureActivation(),
  hook: async () => (await import('../test/bench/hook.mjs')).measureHook(),
  captures: async () => (await import('../test/bench/captures.mjs')).measureCaptures(),
  import: async () => (await import('../test/bench/import.mjs')).measureImport(),
  turnEnd: async () => (await import('../test/bench/turnEnd.mjs')).measureTurnEnd(),
  webhooks: async () => (await import('../test/bench/webhooks.mjs')).measureWebhooks(),
  api: async () => (await import('../test/bench/api.mjs')).measureApi(),
  ai: async () => (await import('../test/bench/ai.mjs')).measureAi(),
  models: async () => (await import('../test/bench/models.mjs')).measureModels(),
  redaction: async () => (await import('../test/bench/redaction.mjs')).measureRedaction(),
  starts: async () => (await import('../test/bench/starts.mjs')).measureStarts(),
  modelsView: async () => (await import('../test/bench/modelsView.mjs')).measureModelsView(),
  sizes: async () => (await import('../test/bench/sizes.mjs')).measureSizes(),
};

const json = process.argv.includes('--json');
const wanted = process.argv.slice(2).filter((argument) => argument in parts);
const names = wanted.length > 0 ? wanted : Object.keys(parts);

await ensureDependencies();
if (!process.argv.includes('--no-build')) await runNode(['scripts/build.mjs']);
const rows = [];
for (const name of names) {
  if (!json) console.error(`measuring ${name} …`);
  rows.push(...(await parts[name]()));
}
const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${platform()} ${release()}, Node ${process.version}`;
const date = new Date().toISOString().slice(0, 10);
if (json) console.log(JSON.stringify({ machine, date, rows }));
else {
  console.log(`\n${date}, ${machine}\n`);
  console.log('| what | measured | at least | |');
  console.log('| --- | --- | --- | --- |');
  for (const row of rows) {
    const mark = row.ok === undefined ? '' : row.ok ? 'reached' : 'NOT reached';
    console.log(`| ${row.what} | ${row.value} | ${row.floor} | ${mark} |`);
  }
}
if (rows.some((row) => row.ok === false)) process.exitCode = 1;
