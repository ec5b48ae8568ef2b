import type { Command } from 'commander';
import { endpointRequest } from '../../client/endpointRequest.ts';
import { clientPermissions } from '../../contracts/authTools.ts';
import type { EndpointContract } from '../../contracts/endpoint.ts';
import {
  type EndpointName,
  type EventEndpointName,
  endpoints,
  type JsonEndpointName,
} from '../../contracts/endpoints.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Permission } from '../../contracts/tool.ts';
import type { Cli } from '../cli.ts';
import { confirm } from '../confirm.ts';
import { print, printJson, terminalJson } from '../output/terminal.ts';
import { addVerb, onRun } from '../verb.ts';
import { describeEndpoint, listEndpoints } from './api/describe.ts';
import { readFields } from './api/fields.ts';

/** What the command line's own token may do; the rest goes by the home's. */
const own: ReadonlySet<Permission> = new Set(clientPermissions.cli);

type Options = { fields?: boolean; input?: string; yes?: boolean };

/** A verb for every endpoint, made from its definition alone. */
export function addApi(program: Command): void {
  const command = addVerb(program, {
    usage: 'api [NAME] [FIELD=VALUE...]',
    summary: 'ask any route of the API by its name, as /docs has it',
    details:
      'Without NAME it lists the routes. A value is text where the field is text, else JSON.\nPrints the answer as JSON; of a stream a line for each event, until Ctrl+C.',
    examples: [
      ['turnkeep api putContext --fields', 'what a route takes'],
      ['turnkeep api putContext key=branch value=main', 'keep something for this project'],
      ['turnkeep api upsertVectors --input vectors.json', 'the fields from a file'],
      ['turnkeep api streamLogs level=warn', 'follow the log'],
    ],
  });
  command
    .option('--fields', 'say what the route takes')
    .option('--input <FILE>', 'a JSON object of fields; "-" is standard input')
    .option('--yes', 'do not ask before a deletion');
  onRun<Options>(command, async ([name, ...given], cli, { fields, input: file, yes }) => {
    if (name === undefined) return cli.json ? printJson(listed()) : print(listEndpoints());
    if (!Object.hasOwn(endpoints, name)) {
      throw new TurnkeepError('usage', `There is no route "${name}": turnkeep api lists them.`);
    }
    const contract: EndpointContract = endpoints[name as EndpointName];
    if (fields) return print(describeEndpoint(name, contract));
    const input = await readFields(contract, given, file);
    // The definition of the project's option is that of the whole command line.
    if (cli.project !== undefined && takesProject(contract)) input.project ??= cli.project;
    if (contract.method === 'DELETE' && input.dry_run !== true) {
      await confirm(`This does DELETE ${endpointRequest(contract, input).url}.`, yes === true);
    }
    await ask(cli, name as EndpointName, contract, input);
  });
}

async function ask(
  cli: Cli,
  name: EndpointName,
  contract: EndpointContract,
  input: Record<string, unknown>,
): Promise<void> {
  const client = own.has(contract.permission) ? cli.client : cli.admin;
  if (contract.answers !== 'events') {
    // The server checks the fields: it is who knows them.
    const data: unknown = await client.request(name as JsonEndpointName, input as never);
    return cli.json ? printJson(data) : print(terminalJson(data, 2));
  }
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  try {
    const options = { signal: interrupt.signal };
    const events = await client.events(name as EventEndpointName, input as never, options);
    for await (const { data } of events) await printJson(data);
  } catch (thrown) {
    if (!interrupt.signal.aborted) throw thrown;
  }
}

function takesProject({ query, body }: EndpointContract): boolean {
  return 'project' in query.shape || 'project' in body.shape;
}

/** The routes for a program. */
function listed() {
  const routes = Object.entries<EndpointContract>(endpoints).map(([name, contract]) => {
    const { method, path, permission, summary } = contract;
    return { name, method, path, permission, summary };
  });
  return { routes };
}
