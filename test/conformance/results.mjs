import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * The checks of each scenario, from the files that the suite leaves in a folder.
 * @param {string} folder
 * @returns {Promise<{scenario: string, passed: number, failed: {id: string, errorMessage?: string}[]}[]>}
 */
export async function readResults(folder) {
  const scenarios = [];
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  for (const file of files.filter((name) => name.endsWith('checks.json')).sort()) {
    const name = dirname(file).replaceAll('\\', '/');
    const scenario = name.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT.*$/, '');
    const checks = JSON.parse(await readFile(join(folder, file), 'utf8'));
    const failed = checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING');
    const passed = checks.filter(({ status }) => status === 'SUCCESS').length;
    scenarios.push({ scenario, passed, failed });
  }
  return scenarios;
}

/**
 * Prints what a scenario came to. `note` says why it does not count, if so.
 * @returns {boolean} whether nothing failed in it
 */
export function printResult(name, result, note) {
  const failed = result?.failed ?? [{ id: 'no result' }];
  const mark = failed.length === 0 ? 'ok  ' : note ? '--  ' : 'FAIL';
  const why = note ? ` (not scored: ${note})` : '';
  console.log(`${mark} ${name}: ${result?.passed ?? 0} passed, ${failed.length} failed${why}`);
  for (const { id, errorMessage } of failed) console.log(`       ${id}: ${errorMessage ?? ''}`);
  return failed.length === 0;
}
