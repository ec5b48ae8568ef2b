import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type CallContext, CONTEXT_HEADER, encodeContext } from '../../src/contracts/context.ts';
import { type Envelope, type StartReport, startReportSchema } from '../../src/contracts/server.ts';
import type { ToolInput, ToolName, ToolOutput } from '../../src/contracts/tools.ts';

export const dist = fileURLToPath(new URL('../../dist/', import.meta.url));

/** The environment of the tests without what would reach a real home or database. */
export function cleanEnv(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const env = { ...process.env, ...more };
  for (const name of ['POSTGRES_DSN', 'TURNKEEP_PORT', 'TURNKEEP_PROJECT', 'TURNKEEP_HOME']) {
    if (!(name in more)) delete env[name];
  }
  return env;
}

/** A home of its own, removed by {@link removeHome}. */
export function makeHome(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'turnkeep-home-'));
}

export async function removeHome(home: string): Promise<void> {
  await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

export type Launch = { child: ChildProcess; report: StartReport };

/** Runs `dist/server.mjs` and waits for its report. */
export async function launch(
  home: string,
  options: { args?: string[]; env?: Record<string, string> } = {},
): Promise<Launch> {
  if (!existsSync(join(dist, 'server.mjs'))) throw new Error('dist/ is not built: npm run build');
  const child = spawn(
    process.execPath,
    [join(dist, 'server.mjs'), '--port', '0', ...(options.args ?? [])],
    {
      env: cleanEnv({ TURNKEEP_HOME: home, ...options.env }),
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([
    once(lines, 'line').then(([text]) => String(text)),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the server ended with ${code} before it reported`);
    }),
  ]);
  return { child, report: startReportSchema.parse(JSON.parse(line)) };
}

export type TestServer = {
  home: string;
  url: string;
  token: string;
  child: ChildProcess;
  /** Calls a tool by REST and gives its data; throws with the error's code and message. */
  call<N extends ToolName>(
    name: N,
    input: ToolInput<N>,
    context?: CallContext,
  ): Promise<ToolOutput<N>>;
  /** A raw request with the token, unless the headers say otherwise. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** Ends it in good order and waits; gives the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
};

/** A running server of a home of its own. */
export async function startTestServer(
  options: { home?: string; args?: string[]; env?: Record<string, string> } = {},
): Promise<TestServer> {
  const home = options.home ?? (await makeHome());
  const { child, report } = await launch(home, options);
  if (!report.ready) throw new Error(`${report.error.code}: ${report.error.message}`);
  const token = (await readFile(join(home, 'token'), 'utf8')).trim();
  const { url } = report;
  const request: TestServer['request'] = (path, init = {}) =>
    fetch(`${url}${path}`, {
      ...init,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...init.headers,
      },
    });
  return {
    home,
    url,
    token,
    child,
    request,
    async call<N extends ToolName>(name: N, input: ToolInput<N>, context?: CallContext) {
      const response = await request('/mcp/tools/call', {
        method: 'POST',
        body: JSON.stringify({ tool_name: name, arguments: input }),
        ...(context ? { headers: { [CONTEXT_HEADER]: encodeContext(context) } } : {}),
      });
      const envelope = (await response.json()) as Envelope<ToolOutput<N>>;
      if (!envelope.success || envelope.data === null) {
        throw new Error(`${envelope.error?.code}: ${envelope.error?.message}`);
      }
      return envelope.data;
    },
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const ended = once(child, 'exit');
      child.kill(signal);
      const [code] = await ended;
      return code as number | null;
    },
  };
}

/** Waits until `check` gives a value, asking every 50 ms. */
export async function until<T>(
  check: () => Promise<T | null | undefined | false>,
  what: string,
  timeoutMs = 20_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

type AnyData = Record<string, unknown>;

/** The envelope of a REST answer. */
export async function envelopeOf(answer: Response): Promise<Envelope<AnyData>> {
  return (await answer.json()) as Envelope<AnyData>;
}
