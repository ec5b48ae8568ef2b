import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type HookEntry, hookEntrySchema } from '../../src/contracts/capture.ts';
import { cleanEnv, dist } from '../support/server.ts';

export const hookPath = join(dist, 'hook.mjs');

export type HookRun = {
  args?: string[];
  /** Written to standard input, which is closed then; `open` keeps it open. */
  input?: string | Buffer;
  open?: boolean;
  env?: Record<string, string>;
  cwd?: string;
};
export type HookRan = { code: number | null; out: string; err: string; ms: number };

/** Variables that would tell the hook about the agent that runs these tests. */
const AGENTS_OWN = /^(CURSOR_|CLAUDE|COPILOT_|GEMINI_|VSCODE_)/;

/** Environment of a hook: of a made-up home and person, without traces of real agents. */
export function hookEnv(home: string, more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const env = cleanEnv({ TURNKEEP_HOME: home, HOME: home, USERPROFILE: home, ...more });
  for (const name of Object.keys(env)) {
    if (AGENTS_OWN.test(name) && !(name in more)) delete env[name];
  }
  return env;
}

/** Runs the built hook program to its end, as an agent does. */
export async function runHook(home: string, run: HookRun): Promise<HookRan> {
  const began = performance.now();
  const child = spawn(process.execPath, [hookPath, ...(run.args ?? [])], {
    env: hookEnv(home, run.env),
    cwd: run.cwd ?? home,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  // It may end before it has read everything.
  child.stdin.on('error', () => {});
  if (run.input !== undefined) child.stdin.write(run.input);
  if (!run.open) child.stdin.end();
  const [code] = await once(child, 'close');
  return { code: code as number | null, out, err, ms: performance.now() - began };
}

/** What is in the spool, in the order of the names. */
export async function spooled(home: string): Promise<HookEntry[]> {
  const names = await readdir(join(home, 'spool')).catch(() => []);
  const texts = names.sort().map((name) => readFile(join(home, 'spool', name), 'utf8'));
  return (await Promise.all(texts)).map((text) => hookEntrySchema.parse(JSON.parse(text)));
}

/** What every run must come to, whatever happened. */
export const FINE = { code: 0, out: '{}', err: '' };
