import { readFileSync, realpathSync } from 'node:fs';
import { isAbsolute, join, resolve, sep } from 'node:path';
import type { CaptureSettings } from '../contracts/capture.ts';
import type { Agent } from '../contracts/observed.ts';
import { type Fields, textOf } from './fields.ts';

/** What the hook needs to know of the settings of capture. */
export type Allowance = { paused: boolean; agents: readonly string[]; folders: readonly string[] };

const EVERYTHING: Allowance = { paused: false, agents: [], folders: [] };

/**
 * Reads `capture.json`. Without it everything may be captured; so it may when it is malformed: the
 * server reads it too before anything is stored, and says what is wrong with it.
 */
export function readAllowance(file: string): Allowance {
  try {
    const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
    const settings = JSON.parse(text) as Partial<CaptureSettings>;
    return {
      paused: settings.paused === true,
      agents: textsOf(settings.exclude?.agents),
      folders: textsOf(settings.exclude?.folders).filter((folder) => isAbsolute(folder)),
    };
  } catch {
    return EVERYTHING;
  }
}

/** Whether an event may be written: not paused, and neither its agent nor a folder is excluded. */
export function mayCapture(
  { paused, agents, folders }: Allowance,
  agent: Agent,
  fields: Fields,
  env: NodeJS.ProcessEnv,
): boolean {
  if (paused || agents.includes(agent)) return false;
  if (folders.length === 0) return true;
  const excluded = folders.flatMap(spellings);
  return !foldersOf(fields, env).some((folder) =>
    spellings(folder).some((path) => excluded.some((above) => path.startsWith(above))),
  );
}

/** Every folder that an event names as the person's; the own one when it names none. */
function foldersOf(fields: Fields, env: NodeJS.ProcessEnv): string[] {
  const named = [
    textOf(fields, 'cwd'),
    ...textsOf(fields.workspace_roots),
    env.CURSOR_PROJECT_DIR ?? '',
    env.CLAUDE_PROJECT_DIR ?? '',
    env.GEMINI_PROJECT_DIR ?? '',
  ].filter((folder) => folder !== '');
  return named.length > 0 ? named : [process.cwd()];
}

/** A folder as it is written and as links lead, each ending in a separator, ready to compare. */
function spellings(folder: string): string[] {
  // Cursor names roots on Windows as URIs do: /c:/Users/…
  const path = resolve(
    process.platform === 'win32' ? folder.replace(/^\/(?=[a-z]:)/i, '') : folder,
  );
  return [path, realPath(path)].map((spelling) => {
    const whole = join(spelling, sep);
    return process.platform === 'linux' ? whole : whole.toLowerCase();
  });
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((member) => typeof member === 'string') : [];
}
