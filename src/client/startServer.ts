import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { TurnkeepError } from '../contracts/errors.ts';
import type { Home } from '../contracts/home.ts';
import {
  type Discovery,
  SERVER_NODE_FLAGS,
  type StartReport,
  startReportSchema,
} from '../contracts/server.ts';

const STDERR_LOG_LIMIT = 1024 * 1024;

export type StartOptions = {
  home: Home;
  /** Absolute path of `server.mjs`. */
  serverPath: string;
  /** The Node (or Electron) that runs it; by default the one that runs this. */
  nodePath?: string;
  /** Added to the environment of this process. */
  env?: NodeJS.ProcessEnv;
  args?: string[];
  /** How long to wait for the report; default 60 s, since a first start unpacks a database. */
  timeoutMs?: number;
};

/**
 * Starts a server that outlives this process and waits until it is healthy. When another server
 * holds the home already, that one is the answer. Throws the server's own error when it cannot
 * start, and `server_unreachable` when it says nothing.
 */
export async function startServer(options: StartOptions): Promise<Discovery> {
  if (!existsSync(options.serverPath)) {
    throw new TurnkeepError(
      'server_unreachable',
      `The server program is missing at ${options.serverPath}. Install Turnkeep again.`,
    );
  }
  const log = await openErrorLog(options.home);
  try {
    const child = spawn(
      options.nodePath ?? process.execPath,
      [...SERVER_NODE_FLAGS, options.serverPath, ...(options.args ?? [])],
      {
        detached: true,
        windowsHide: true,
        stdio: ['ignore', 'pipe', log ? log.fd : 'ignore'],
        // Not the caller's folder, which the server would keep from being removed.
        cwd: isFolder(options.home.root) ? options.home.root : homedir(),
        env: serverEnvironment(options),
      },
    );
    const report = await firstReport(child, options.timeoutMs ?? 60_000, () => lastErrors(log));
    if (!report.ready) throw TurnkeepError.fromBody(report.error);
    const { ready: _, ...discovery } = report;
    return discovery;
  } finally {
    await log?.close();
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Environment for a server: this process's, the given one over it, and Node inside of Electron. */
export function serverEnvironment(options: Pick<StartOptions, 'home' | 'env'>): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ...options.env,
    TURNKEEP_HOME: options.home.root,
    ELECTRON_RUN_AS_NODE: '1',
  };
}

type ErrorLog = { fd: number; file: string; from: number; close: () => Promise<void> };

/** A file for what Node itself says when it dies; null in a home that cannot be written. */
async function openErrorLog(home: Home): Promise<ErrorLog | null> {
  const file = join(home.logs, 'server.stderr.log');
  try {
    await mkdir(home.logs, { recursive: true, mode: 0o700 });
    const large = (await stat(file).catch(() => null))?.size ?? 0;
    const handle = await open(file, large > STDERR_LOG_LIMIT ? 'w' : 'a', 0o600);
    const from = (await handle.stat()).size;
    return { fd: handle.fd, file, from, close: () => handle.close() };
  } catch {
    return null;
  }
}

async function lastErrors(log: ErrorLog | null): Promise<string> {
  if (!log) return '';
  const written = (await readFile(log.file)).subarray(log.from).toString('utf8').trim();
  return written.split('\n').slice(-8).join('\n').slice(-2000);
}

/** Waits for the first line of standard output; lets go of the child in every case. */
export function firstReport(
  child: ChildProcess,
  timeoutMs: number,
  errors: () => Promise<string>,
): Promise<StartReport> {
  return new Promise<StartReport>((resolve, reject) => {
    let text = '';
    const settle = (action: () => void) => {
      clearTimeout(timer);
      child.removeAllListeners();
      child.stdout?.removeAllListeners();
      child.stdout?.destroy();
      child.unref();
      action();
    };
    const fail = (message: string, cause?: unknown) =>
      settle(() => reject(new TurnkeepError('server_unreachable', message, { cause })));
    const timer = setTimeout(() => {
      fail(
        `The server did not become ready within ${Math.round(timeoutMs / 1000)} s. It may still be starting: try again in a moment, or read its log with "turnkeep logs".`,
      );
    }, timeoutMs);
    child.once('error', (cause) =>
      fail(`The server could not be started: ${cause.message}.`, cause),
    );
    child.stdout?.setEncoding('utf8');
    child.stdout?.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end < 0) return;
      const report = parseReport(text.slice(0, end));
      if (report) settle(() => resolve(report));
      else
        fail(
          'The server answered its start with something else than a report. Install Turnkeep again.',
        );
    });
    child.once('close', (code, signal) => {
      errors().then(
        (said) =>
          fail(
            `The server ended before it was ready (${signal ?? `exit code ${code}`}).${said ? `\n${said}` : ''}`,
          ),
        (cause) => fail('The server ended before it was ready.', cause),
      );
    });
  });
}

function parseReport(line: string): StartReport | null {
  try {
    return startReportSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
