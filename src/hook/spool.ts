import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { HookEntry } from '../contracts/capture.ts';
import type { Home } from '../contracts/home.ts';
import type { Agent } from '../contracts/observed.ts';

/** Variables that tell who runs the hook and where; no other leaves the environment. */
const TELLING = [
  'CURSOR_VERSION',
  'CURSOR_PROJECT_DIR',
  'CLAUDECODE',
  'CLAUDE_PROJECT_DIR',
  'CLAUDE_CODE_ENTRYPOINT',
  'COPILOT_HOME',
  'COPILOT_AGENT_SESSION_ID',
  'COPILOT_CLI',
  'COPILOT_CLI_BINARY_VERSION',
  'GEMINI_CLI',
  'GEMINI_PROJECT_DIR',
  'GEMINI_SESSION_ID',
  'GEMINI_CWD',
  'TERM_PROGRAM',
  'VSCODE_PID',
  'VSCODE_CWD',
] as const;

/** The part of the environment that goes into an entry. */
export function tellingEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    TELLING.flatMap((name) => {
      const value = env[name];
      return value ? [[name, value.slice(0, 1000)]] : [];
    }),
  );
}

/**
 * Puts an event into the spool: one file, whole or not at all, for its owner alone and flushed to
 * disk. Names sort by the moment at which the agent started the hook, to the microsecond.
 */
export function spoolEvent(
  home: Home,
  agent: Agent,
  payload: string,
  env: NodeJS.ProcessEnv,
): string {
  const micros = Math.round(performance.timeOrigin * 1000);
  const created_at = new Date(Math.floor(micros / 1000)).toISOString();
  const event_id = `${String(micros % 1000).padStart(3, '0')}-${process.pid}-${chance()}${chance()}`;
  const entry: HookEntry = {
    v: 1,
    kind: 'hook',
    event_id,
    created_at,
    agent,
    payload,
    cwd: workingFolder(),
    env: tellingEnvironment(env),
  };
  const file = join(home.spool, `${created_at.replace(/[-:.]/g, '')}-${event_id}.json`);
  if (!existsSync(home.spool)) makeFolder(home.spool);
  writeWhole(home.spool, file, JSON.stringify(entry));
  return file;
}

/**
 * Makes a folder and those above it that are missing. Not by `recursive`: where a file system
 * answers that nothing is there though its parent is (`/proc`), Node tries again for ever.
 */
function makeFolder(folder: string): void {
  const missing = [folder];
  for (let above = dirname(folder); !existsSync(above); above = dirname(above)) {
    missing.push(above);
    if (above === dirname(above)) break;
  }
  for (const each of missing.reverse()) {
    try {
      mkdirSync(each, { mode: 0o700 });
    } catch (thrown) {
      // Another hook made it at the same moment.
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
    }
  }
}

function writeWhole(folder: string, file: string, text: string): void {
  const temporary = `${join(folder, '.')}${process.pid}-${chance()}${chance()}.tmp`;
  try {
    const handle = openSync(temporary, 'wx', 0o600);
    try {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, file);
  } catch (thrown) {
    rmSync(temporary, { force: true });
    throw thrown;
  }
  syncFolder(folder);
}

/** Windows cannot open a folder to flush it, and needs not: its rename is journalled. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Eight letters and digits. Loading `node:crypto` would cost more than the rest of the work. */
function chance(): string {
  return Math.floor(Math.random() * 2 ** 40)
    .toString(36)
    .padStart(8, '0');
}

/** The working folder may have been removed under the agent. */
function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    return '';
  }
}
