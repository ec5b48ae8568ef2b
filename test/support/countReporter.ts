import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node';

/** Writes how many tests passed and failed to the file of `TURNKEEP_TEST_COUNTS`. */
export class CountReporter implements Reporter {
  onTestRunEnd(
    modules: readonly TestModule[],
    errors: readonly { message?: string }[],
    _reason: TestRunEndReason,
  ): void {
    const file = process.env.TURNKEEP_TEST_COUNTS;
    if (!file) return;
    let passed = 0;
    const failures: string[] = [];
    for (const module of modules) {
      const name = module.relativeModuleId;
      const before = failures.length;
      for (const test of module.children.allTests()) {
        // A test that was skipped has not shown anything: it counts as failed, by name.
        if (test.result().state === 'passed') passed += 1;
        else failures.push(`${name} > ${test.fullName} (${test.result().state})`);
      }
      if (module.state() === 'failed' && failures.length === before) failures.push(name);
    }
    for (const error of errors) failures.push(`unhandled error: ${error.message ?? ''}`);
    writeFileSync(file, JSON.stringify({ passed, failed: failures.length, failures }));
  }
}

export default CountReporter;
