import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import rcompare from 'semver/functions/rcompare.js';
import valid from 'semver/functions/valid.js';
import { TurnkeepError } from '../contracts/errors.ts';
import type { Home } from '../contracts/home.ts';
import { writeFileAtomic } from './atomicFile.ts';
import { LAUNCHER_CMD, LAUNCHER_SH } from './launcherScripts.ts';

/** One installed Turnkeep: its version, the Node or Electron to run it with, its `cli.mjs`. */
export type Install = { version: string; node: string; cli: string };

/** The launcher that this system runs. */
export function launcherPath(home: Home): string {
  return join(home.bin, process.platform === 'win32' ? 'turnkeep.cmd' : 'turnkeep');
}

/** Installs that the launcher knows, newest first. */
export async function readInstalls(home: Home): Promise<Install[]> {
  const text = await readFile(join(home.bin, 'installs.tsv'), 'utf8').catch(() => '');
  return text.split(/\r?\n/).flatMap((line) => {
    const [version, node, cli] = line.split('\t');
    return version && node && cli ? [{ version, node, cli }] : [];
  });
}

/**
 * Writes the launcher scripts and enters this install into their list; installs that are gone leave
 * it. Throws `home_unwritable`, and `invalid_request` for a path that the list cannot hold.
 */
export async function writeLauncher(home: Home, install: Install): Promise<void> {
  if (/[\t\r\n]/.test(install.version + install.node + install.cli)) {
    throw new TurnkeepError(
      'invalid_request',
      `The path ${JSON.stringify(install.cli)} holds a tab or a line break, which the launcher cannot run. Install Turnkeep in another folder.`,
    );
  }
  const others = (await readInstalls(home)).filter(({ cli }) => {
    return cli !== install.cli && existsSync(cli);
  });
  const list = [install, ...others].sort((a, b) => newestFirst(a.version, b.version));
  const lines = list.map(({ version, node, cli }) => `${version}\t${node}\t${cli}\n`);
  try {
    await mkdir(home.root, { recursive: true, mode: 0o700 });
    await mkdir(home.bin, { recursive: true, mode: 0o700 });
    await writeFileAtomic(join(home.bin, 'installs.tsv'), lines.join(''));
    await writeWhenOther(join(home.bin, 'turnkeep'), LAUNCHER_SH);
    await writeWhenOther(join(home.bin, 'turnkeep.cmd'), LAUNCHER_CMD);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TurnkeepError(
      'home_unwritable',
      `The launcher could not be written into ${home.bin} (${reason}).`,
      { cause },
    );
  }
}

/** Windows reads a batch file while it runs: one that is right already is left alone. */
async function writeWhenOther(file: string, text: string): Promise<void> {
  const present = await readFile(file, 'utf8').catch(() => null);
  if (present !== text) await writeFileAtomic(file, text, 0o700);
}

function newestFirst(a: string, b: string): number {
  if (!valid(a) || !valid(b)) return Number(!valid(a)) - Number(!valid(b));
  return rcompare(a, b);
}
