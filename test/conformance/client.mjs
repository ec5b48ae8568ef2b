// What the conformance suite runs as the client of a scenario: our own MCP client, as the bundle that
// TURNKEEP_MCP_CLIENT names, calls one tool of the server whose address is the last argument.
import { pathToFileURL } from 'node:url';

/** The tool that a scenario's server has; where it has none, the name does not matter. */
const CALLS = { tools_call: ['add_numbers', { a: 5, b: 3 }], 'sse-retry': ['test_reconnect', {}] };

const { MCP_CONFORMANCE_SCENARIO: scenario, TURNKEEP_MCP_CLIENT: bundle } = process.env;
// The suite's own servers fall over a token that they have not given: it stays away from the others.
if (!process.env.TURNKEEP_MCP_SCENARIOS?.split(' ').includes(scenario)) process.exit(0);
const { McpToolClient } = await import(pathToFileURL(bundle).href);
const url = process.argv.at(-1);
const client = new McpToolClient(
  async () => ({ url, token: 'conformance', discovery: { pid: 0, url, version: '0.0.0' } }),
  () => ({ client: 'conformance', origin: 'conformance' }),
);
const [name, input] = CALLS[scenario] ?? ['test_tool', {}];
try {
  console.log(JSON.stringify(await client.call(name, input)));
} catch (error) {
  // Whether that is right is what the suite looks at: it has seen the requests.
  console.log(`${error.code}: ${error.message}`);
}
await client.close();
