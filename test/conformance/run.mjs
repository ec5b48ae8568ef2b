// MCP to the letter: the official conformance suite against our server and our own client, and the
// inspector as a second client over HTTP and stdio. Prints what passed per scenario. What it needs it installs into
// the tools cache; what cannot be installed has failed. `node test/conformance/run.mjs`
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cleanEnv, spawnOnLeash } from '../../scripts/lib/leash.mjs';
import { root } from '../../scripts/lib/setup.mjs';
import { clientHalf } from './clientHalf.mjs';
import { inspectorChecks } from './inspector.mjs';
import { installMcpTools } from './install.mjs';
import { runProgram } from './program.mjs';
import { tokenProxy } from './proxy.mjs';
import { printResult, readResults } from './results.mjs';

const REVISIONS = ['2025-11-25', '2026-07-28'];
const SUITE_LIMIT_MS = 5 * 60_000;

const count = { passed: 0, failed: 0, failures: [] };
function record(name, ok) {
  count[ok ? 'passed' : 'failed'] += 1;
  if (!ok) count.failures.push(name);
}

/** The server with the names that the suite asks for; it ends with this process. */
async function startServer(home) {
  const env = cleanEnv({
    TURNKEEP_HOME: home,
    POSTGRES_DSN: 'mock://test',
    TURNKEEP_MCP_CONFORMANCE: '1',
  });
  const args = [join(root, 'dist', 'server.mjs'), '--port', '0'];
  const { child, stop } = spawnOnLeash(process.execPath, args, { env });
  child.stderr.pipe(process.stderr);
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const report = JSON.parse(line);
  if (!report.ready) throw new Error(`the server did not start: ${report.error.message}`);
  return { url: report.url, token: (await readFile(join(home, 'token'), 'utf8')).trim(), stop };
}

async function suite(programs, url, revision, folder) {
  console.log(`\nMCP conformance ${revision}`);
  const { code, stdout, stderr } = await runProgram(
    programs.node,
    [programs.conformance, 'server', '--url', url, '--requirements', revision, '-o', folder],
    { env: cleanEnv(), limitMs: SUITE_LIMIT_MS },
  );
  // It names the scenarios that it wanted to run: one that left no result has not passed. Those that
  // it does not score (extensions, and what its own reference cannot do yet) are shown all the same.
  const wanted = [...stdout.matchAll(/^=== Running scenario: (\S+) ===$/gm)].map(
    ([, name]) => name,
  );
  const unscored = new Map(
    [...stdout.matchAll(/^ {2}[✓✗] (\S+) \(([a-z-]+)\)$/gm)].map(([, name, why]) => [name, why]),
  );
  const results = await readResults(folder);
  record(`${revision}: the suite ran (${code}) ${stderr.slice(-300)}`, wanted.length > 0);
  for (const name of wanted) {
    const result = results.find(({ scenario }) => scenario === name);
    const why = unscored.get(name);
    const ok = printResult(name, result, why);
    if (!why) record(`${revision} ${name}`, ok);
  }
}

const scratch = await mkdtemp(join(tmpdir(), 'turnkeep-mcp-'));
const cleanUp = [];
try {
  const programs = await installMcpTools();
  const home = join(scratch, 'home');
  const server = await startServer(home);
  cleanUp.push(server.stop);
  const proxy = await tokenProxy(server.url, server.token);
  cleanUp.push(proxy.close);
  for (const revision of REVISIONS) {
    await suite(programs, `${proxy.url}/mcp`, revision, join(scratch, revision));
  }
  await clientHalf(programs, scratch, record);
  console.log('\nMCP inspector');
  for (const { name, problem } of await inspectorChecks(programs, server, home, scratch)) {
    console.log(`${problem ? 'FAIL' : 'ok  '} ${name}${problem ? `: ${problem}` : ''}`);
    record(`inspector: ${name}`, !problem);
  }
} catch (error) {
  console.error(error);
  record(`MCP conformance: ${error instanceof Error ? error.message : error}`, false);
} finally {
  for (const end of cleanUp.reverse()) await end();
  await rm(scratch, { recursive: true, force: true });
}
console.log(`\n${count.passed} passed, ${count.failed} failed`);
const { TURNKEEP_TEST_COUNTS: file } = process.env;
if (file) await writeFile(file, JSON.stringify(count));
process.exitCode = count.failed === 0 && count.passed > 0 ? 0 : 1;
