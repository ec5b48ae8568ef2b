import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Home } from '../../contracts/home.ts';
import { writeFileAtomic } from '../atomicFile.ts';
import { type Install, writeLauncher } from '../launcher.ts';
import { HOOK_LAUNCHER_CMD, HOOK_LAUNCHER_SH } from './launcherScripts.ts';

/** What the hooks run: where it comes from, and the Node that runs it. */
export type HookProgram = {
  home: Home;
  /** The built `hook.mjs`, beside the command line or in the extension. */
  hookSource: string;
  install: Install;
};

/** The launcher that hooks of this platform name. */
export function hookLauncher(home: Home, platform: NodeJS.Platform): string {
  return join(home.bin, platform === 'win32' ? 'turnkeep-hook.cmd' : 'turnkeep-hook');
}

/**
 * Copies the hook program into the home, where it outlives updates of the extension, with its
 * launchers and the list of installs beside it. Throws `home_unwritable`.
 */
export async function writeHookProgram({ home, hookSource, install }: HookProgram): Promise<void> {
  await writeLauncher(home, install);
  try {
    await mkdir(home.bin, { recursive: true, mode: 0o700 });
    await writeWhenOther(join(home.bin, 'hook.mjs'), await readFile(hookSource, 'utf8'));
    await writeWhenOther(join(home.bin, 'turnkeep-hook'), HOOK_LAUNCHER_SH);
    await writeWhenOther(join(home.bin, 'turnkeep-hook.cmd'), HOOK_LAUNCHER_CMD);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TurnkeepError(
      'home_unwritable',
      `The hook program could not be written into ${home.bin} (${reason}). Make that folder writable or free some space, then try again.`,
      { cause },
    );
  }
}

/** Whether the program in the home is there, and whether it is the given one. */
export async function hookProgramState(
  home: Home,
  platform: NodeJS.Platform,
  hookSource: string,
): Promise<'current' | 'outdated' | 'none'> {
  const present = await textOf(join(home.bin, 'hook.mjs'));
  if (present === null || !existsSync(hookLauncher(home, platform))) return 'none';
  const launchers = [
    [await textOf(join(home.bin, 'turnkeep-hook')), HOOK_LAUNCHER_SH],
    [await textOf(join(home.bin, 'turnkeep-hook.cmd')), HOOK_LAUNCHER_CMD],
    [present, await textOf(hookSource)],
  ];
  return launchers.every(([has, should]) => has === should) ? 'current' : 'outdated';
}

/** Agents may run it at this moment: what is right already is left alone. */
async function writeWhenOther(file: string, text: string): Promise<void> {
  if ((await textOf(file)) !== text) await writeFileAtomic(file, text, 0o700);
}

function textOf(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null);
}
