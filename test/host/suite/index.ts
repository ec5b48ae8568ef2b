import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

const TIMEOUT_MS = 60_000;

/** Runs the suite; called by the extension host. Rejects when a test failed. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: TIMEOUT_MS, color: false, reporter: 'spec' });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  await import('./activation.ts');
  await import('./captures.ts');
  await import('./views.ts');
  await import('./models.ts');
  await import('./documents.ts');
  await import('./memory.ts');
  await import('./drafts.ts');
  await import('./mcp.ts');
  await import('./automatic.ts');
  await import('./history.ts');
  await import('./tokens.ts');
  await import('./trust.ts');
  await import('./spool.ts');
  let passed = 0;
  const failures: string[] = [];
  const failed = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.on('pass', () => {
      passed += 1;
    });
    runner.on('fail', (test, error) => failures.push(`${test.fullTitle()}: ${error.message}`));
    runner.on('pending', (test) => failures.push(`${test.fullTitle()} (skipped)`));
  });
  const file = process.env.TURNKEEP_TEST_COUNTS;
  if (file) writeFileSync(file, JSON.stringify({ passed, failed: failures.length, failures }));
  if (failed > 0 || failures.length > 0) throw new Error(`${failures.length} tests failed.`);
}
