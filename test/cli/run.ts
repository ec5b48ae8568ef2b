import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { stopServer } from '../../src/client/connection.ts';
import { findServer } from '../../src/client/discovery.ts';
import { homeLayout } from '../../src/contracts/home.ts';
import { cleanEnv, dist, makeHome, removeHome } from '../support/server.ts';

export const cliPath = join(dist, 'cli.mjs');

export type RunOptions = {
  /** Piped into standard input; without it the input is closed and no pipe. */
  input?: string | Buffer;
  env?: Record<string, string>;
  cwd?: string;
};
export type Ran = { code: number | null; stdout: string; stderr: string };

export type CliHome = {
  home: string;
  /** Runs the built command line to its end. */
  run(args: string[], options?: RunOptions): Promise<Ran>;
  /** The same with `--json`; gives the value. Throws when the exit code is not 0. */
  json<T = Record<string, unknown>>(args: string[], options?: RunOptions): Promise<T>;
  env(more?: Record<string, string>): NodeJS.ProcessEnv;
  stop(): Promise<void>;
  /** Stops the server and removes the home. */
  remove(): Promise<void>;
};

/** A home of its own for a test file; its servers listen on any free port. */
export async function cliHome(): Promise<CliHome> {
  const home = await makeHome();
  const env = (more: Record<string, string> = {}) => {
    return cleanEnv({ TURNKEEP_HOME: home, TURNKEEP_PORT: '0', NO_COLOR: '1', ...more });
  };
  const run = async (args: string[], options: RunOptions = {}) => {
    const child = spawn(process.execPath, [cliPath, ...args], {
      env: env(options.env),
      cwd: options.cwd ?? home,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    // A program that refuses early does not read its input to the end.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input);
    const [code] = await once(child, 'close');
    return { code: code as number | null, stdout, stderr };
  };
  const stop = async () => {
    const layout = homeLayout({ TURNKEEP_HOME: home });
    const server = await findServer(layout);
    if (server) await stopServer(layout, server, 'end of the test');
  };
  return {
    home,
    run,
    env,
    stop,
    async json<T>(args: string[], options?: RunOptions) {
      const ran = await run([...args, '--json'], options);
      if (ran.code !== 0) throw new Error(`exit code ${ran.code}: ${ran.stderr}`);
      return JSON.parse(ran.stdout) as T;
    },
    async remove() {
      await stop();
      await removeHome(home);
    },
  };
}

/** The error of a run with `--json`: one line on standard error, nothing else. */
export function jsonError(ran: Ran): {
  code: string;
  message: string;
  fields?: { path: string; message: string }[];
} {
  const lines = ran.stderr.split('\n').filter((line) => line !== '');
  if (lines.length !== 1) throw new Error(`not one line: ${ran.stderr}`);
  return JSON.parse(lines[0] ?? '');
}
