import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { cleanEnv } from '../../scripts/lib/leash.mjs';
import { root } from '../../scripts/lib/setup.mjs';
import { runProgram } from './program.mjs';
import { printResult, readResults } from './results.mjs';

const SUITE_LIMIT_MS = 5 * 60_000;
const CLIENT = fileURLToPath(new URL('client.mjs', import.meta.url));

/** What our client does: it calls tools that it knows by their definition, of our own server. */
const APPLIES = {
  '2025-11-25': ['initialize', 'tools_call', 'sse-retry'],
  '2026-07-28': ['tools_call', 'request-metadata', 'http-standard-headers'],
};
const KNOWS_THE_TOOLS = 'it lists no tools: it has their definitions';
const ASKS_NOBODY = 'it declares no elicitation, so no server asks it';
/** What it does not do, and why; anything else that the suite wants is a failure. */
const DOES_NOT_APPLY = {
  'auth/': 'its token is in a file of the home: there is no OAuth',
  'elicitation-sep1034-client-defaults': ASKS_NOBODY,
  'sep-2322-client-request-state': ASKS_NOBODY,
  'http-custom-headers': KNOWS_THE_TOOLS,
  'http-invalid-tool-headers': KNOWS_THE_TOOLS,
  'json-schema-ref-no-deref': KNOWS_THE_TOOLS,
  'json-schema-2020-12-preservation': KNOWS_THE_TOOLS,
};

function reasonOf(scenario) {
  const found = Object.entries(DOES_NOT_APPLY).find(([name]) =>
    name.endsWith('/') ? scenario.startsWith(name) : scenario === name,
  );
  return found?.[1];
}

async function bundleClient(outfile) {
  await build({
    ...{ entryPoints: [join(root, 'src/client/mcpClient.ts')], outfile, bundle: true },
    ...{ platform: 'node', format: 'esm', target: 'node20', logLevel: 'error' },
  });
}

/**
 * The conformance suite against our own MCP client, for each revision.
 * @param {{node: string, conformance: string}} programs
 * @param {string} scratch folder for bundle and results
 * @param {(name: string, ok: boolean) => void} record
 */
export async function clientHalf(programs, scratch, record) {
  const bundle = join(scratch, 'mcpClient.mjs');
  await bundleClient(bundle);
  const command = [process.execPath, CLIENT].map((part) => `"${part}"`).join(' ');
  for (const [revision, applies] of Object.entries(APPLIES)) {
    console.log(`\nMCP conformance ${revision}, our client`);
    const folder = join(scratch, `client-${revision}`);
    const args = ['client', '--command', command, '--requirements', revision, '-o', folder];
    const { stdout, stderr } = await runProgram(programs.node, [programs.conformance, ...args], {
      env: cleanEnv({
        TURNKEEP_MCP_CLIENT: bundle,
        TURNKEEP_MCP_SCENARIOS: applies.join(' '),
      }),
      limitMs: SUITE_LIMIT_MS,
      cwd: scratch,
    });
    const results = await readResults(folder);
    if (results.length === 0) console.log(stdout.slice(-500), stderr.slice(-500));
    for (const name of applies) {
      const result = results.find(({ scenario }) => scenario === name);
      record(`${revision}, client: ${name}`, printResult(name, result));
    }
    const left = new Map();
    for (const result of results.filter(({ scenario }) => !applies.includes(scenario))) {
      const reason = reasonOf(result.scenario);
      if (reason) left.set(reason, [...(left.get(reason) ?? []), result.scenario]);
      else record(`${revision}, client: ${result.scenario}`, printResult(result.scenario, result));
    }
    for (const [reason, names] of left) {
      console.log(`--   ${names.length} do not apply, ${reason}: ${names.join(', ')}`);
    }
  }
}
