import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Connection, type ConnectOptions, connectOrStart } from '../client/connection.ts';
import { resolveProject } from '../client/project.ts';
import { RestClient } from '../client/restClient.ts';
import type { CallContext } from '../contracts/context.ts';
import { type Home, homeLayout } from '../contracts/home.ts';
import { VERSION } from '../contracts/version.ts';

export type GlobalOptions = { json?: boolean; project?: string };

/** The bundles lie beside each other. */
export const cliPath = fileURLToPath(import.meta.url);
export const serverPath = join(dirname(cliPath), 'server.mjs');

/** What every verb works with. */
export type Cli = {
  home: Home;
  json: boolean;
  /** `--project` as it was given. */
  project: string | undefined;
  context: CallContext;
  /** Calls the server, which is started when none runs. */
  client: RestClient;
  /** Another way to connect: without a start, or with options for the server. */
  connect(options?: Partial<ConnectOptions>): Promise<Connection>;
};

/** Prepares a verb: the home, and the project from `--project`, `TURNKEEP_PROJECT` or the folder. */
export async function openCli(options: GlobalOptions): Promise<Cli> {
  const home = homeLayout();
  const name = options.project ?? process.env.TURNKEEP_PROJECT;
  const project = await resolveProject({ cwd: process.cwd(), ...(name ? { name } : {}) });
  const context: CallContext = { project, origin: 'cli', client: 'cli' };
  const connect = (more?: Partial<ConnectOptions>) => {
    return connectOrStart({ home, serverPath, version: VERSION, ...more });
  };
  return {
    home,
    json: options.json === true,
    project: options.project,
    context,
    client: new RestClient(connect, () => context),
    connect,
  };
}

/** A client that uses a running server and never starts one. */
export function runningOnly(cli: Cli): RestClient {
  return new RestClient(
    () => cli.connect({ startIfNeeded: false }),
    () => cli.context,
  );
}
