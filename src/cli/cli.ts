import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Connection, type ConnectOptions, connectOrStart } from '../client/connection.ts';
import type { ClientIdentity } from '../client/ownToken.ts';
import { RestClient } from '../client/restClient.ts';
import { tokenFile } from '../client/tokenFile.ts';
import { clientPermissions } from '../contracts/authTools.ts';
import type { CallContext, ProjectRef } from '../contracts/context.ts';
import { type Home, homeLayout } from '../contracts/home.ts';
import { VERSION } from '../contracts/version.ts';
import { resolveProject } from '../project/identity.ts';

export type GlobalOptions = { json?: boolean; project?: string };

/** The bundles lie beside each other. */
export const cliPath = fileURLToPath(import.meta.url);
export const serverPath = join(dirname(cliPath), 'server.mjs');

/** What every verb works with. */
export type Cli = {
  home: Home;
  json: boolean;
  /** The project that `--project` names, as the server finds it: a name, or a folder's identity. */
  project: string | undefined;
  context: CallContext;
  /** Calls the server, which is started when none runs, with the command line's own token. */
  client: RestClient;
  /** The same with the home's own token: for what is the person's alone (`server:admin`). */
  admin: RestClient;
  /** Another way to connect: without a start, with options for the server, or as somebody else. */
  connect(options?: Partial<ConnectOptions>): Promise<Connection>;
};

/**
 * Prepares a verb: the home, and the project from `--project`, `TURNKEEP_PROJECT` or the working
 * folder.
 */
export async function openCli(options: GlobalOptions): Promise<Cli> {
  const home = homeLayout();
  const given = options.project ? await namedProject(options.project) : undefined;
  const fromEnvironment = process.env.TURNKEEP_PROJECT;
  const project =
    given ??
    (fromEnvironment ? await namedProject(fromEnvironment) : undefined) ??
    (await resolveProject({ cwd: process.cwd() }));
  const context: CallContext = { project, origin: 'cli', client: 'cli' };
  const client = cliIdentity(home);
  const connect = (more?: Partial<ConnectOptions>) => {
    return connectOrStart({ home, serverPath, version: VERSION, client, ...more });
  };
  const inContext = () => context;
  return {
    home,
    json: options.json === true,
    project: given?.root ? given.key : given?.name,
    context,
    client: new RestClient((refused) => connect({ refused }), inContext),
    admin: new RestClient(() => connect({ client: undefined }), inContext),
    connect,
  };
}

/**
 * A project given by name, or as a path: absolute, or relative with a leading dot. An editor's
 * variable that was left as it is (`${workspaceFolder}`) names none.
 */
export async function namedProject(given: string): Promise<ProjectRef | undefined> {
  if (given.trim() === '' || given.startsWith('${')) return undefined;
  const isPath = isAbsolute(given) || /^\.{1,2}([\\/]|$)/.test(given);
  return resolveProject(isPath ? { cwd: resolve(given) } : { cwd: process.cwd(), name: given });
}

/** The command line's own token: it can do all but what is for `server:admin`. */
function cliIdentity(home: Home): ClientIdentity {
  return { name: 'cli', permissions: clientPermissions.cli, keep: tokenFile(home, 'cli') };
}

/** A client that uses a running server and never starts one. */
export function runningOnly(cli: Cli): RestClient {
  return new RestClient(
    (refused) => cli.connect({ startIfNeeded: false, refused }),
    () => cli.context,
  );
}
