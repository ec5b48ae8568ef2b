// Runs every test on a machine that has Node alone, and ends with `N passed, N failed`.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDebianPackages } from './lib/debian.mjs';
import { ensureDependencies, run, runNode } from './lib/setup.mjs';

const total = { passed: 0, failed: 0, failures: [] };

/** Counts a step that passes or fails as a whole. */
function count(name, ok) {
  total[ok ? 'passed' : 'failed'] += 1;
  if (!ok) total.failures.push(name);
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}`);
}

async function step(name, work) {
  console.log(`\n── ${name}`);
  const began = Date.now();
  try {
    await work();
  } catch (error) {
    count(`${name}: ${error instanceof Error ? error.message : error}`, false);
  }
  console.log(`   ${((Date.now() - began) / 1000).toFixed(0)} s`);
}

/** Adds the counts of a reporter's file `{passed, failed, failures}`; without one the suite failed. */
async function addCounts(name, file, code) {
  const counts = await readFile(file, 'utf8').then(JSON.parse, () => null);
  if (!counts) {
    count(`${name} (ended with exit code ${code} before it reported)`, false);
    return;
  }
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.failures.push(...counts.failures);
  if (code !== 0 && counts.failed === 0) count(`${name} (exit code ${code})`, false);
}

const scratch = await mkdtemp(join(tmpdir(), 'turnkeep-test-'));
try {
  await ensureDependencies();
  await step('what the tests need of the system', () =>
    ensureDebianPackages(['postgresql', 'chromium', 'fonts-liberation']),
  );
  await step('build', () => runNode(['scripts/build.mjs']));
  await step('check', async () =>
    count('npm run check', (await run(process.execPath, ['scripts/check.mjs'])) === 0),
  );
  await step('unit, store, server, command line and bundles', async () => {
    const file = join(scratch, 'vitest.json');
    const code = await run(
      process.execPath,
      [
        'node_modules/vitest/vitest.mjs',
        'run',
        '--reporter=default',
        '--reporter=./test/support/countReporter.ts',
        ...process.argv.slice(2),
      ],
      { env: { ...process.env, TURNKEEP_TEST_COUNTS: file } },
    );
    await addCounts('vitest', file, code);
  });
  for (const [name, script] of [
    ['MCP conformance and inspector', 'test/conformance/run.mjs'],
    ['extension in a real extension host', 'test/host/runSuite.mjs'],
    ['editor UI in a browser', 'test/host/runUi.mjs'],
  ]) {
    await step(name, async () => {
      const file = join(scratch, `${script.replace(/\W/g, '-')}.json`);
      const code = await run(process.execPath, [script], {
        env: { ...process.env, TURNKEEP_TEST_COUNTS: file },
      });
      await addCounts(name, file, code);
    });
  }
} catch (error) {
  count(error instanceof Error ? error.message : String(error), false);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
for (const failure of total.failures) console.log(`failed: ${failure}`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
