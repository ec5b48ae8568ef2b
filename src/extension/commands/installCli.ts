import { execFile } from 'node:child_process';
import { lstat, mkdir, readlink, rename, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { App } from '../app.ts';
import { client } from '../clientLoader.ts';

/** Puts the launcher of the home on PATH, after asking. */
export function installCli(app: App) {
  return async () => {
    const launcher = client().launcherPath(app.server.home);
    if (process.platform === 'win32') return onWindows(app, dirname(launcher));
    return onPosix(app, launcher);
  };
}

async function onPosix(app: App, launcher: string): Promise<void> {
  const folder = join(homedir(), '.local', 'bin');
  const link = join(folder, 'turnkeep');
  const present = await whatIs(link);
  if (present === 'other') {
    await app.messages.failed(
      `${link} is there already and is not a link. Move it away, then run this command again.`,
    );
    return;
  }
  if (present !== launcher) {
    const replaced = present ? ` It replaces the link to ${present}.` : '';
    const detail = `A link is made at ${link}, to ${launcher}.${replaced} The link stays right when Turnkeep is updated.`;
    if (!(await app.messages.agree('Put "turnkeep" on your PATH?', detail, 'Make the Link')))
      return;
    await mkdir(folder, { recursive: true });
    const fresh = `${link}.${process.pid}`;
    await symlink(launcher, fresh);
    await rename(fresh, link);
  }
  await app.messages.report(
    isOnPath(folder, process.env.PATH ?? '')
      ? 'The command "turnkeep" is installed. Open a new terminal and try: turnkeep status'
      : `The command is installed, but ${folder} is not on your PATH. Add this line to ~/.profile (or ~/.zprofile), then open a new terminal: export PATH="$HOME/.local/bin:$PATH"`,
  );
}

/** The target of a link; `other` for what is no link, undefined for nothing. */
async function whatIs(link: string): Promise<string | 'other' | undefined> {
  try {
    if (!(await lstat(link)).isSymbolicLink()) return 'other';
    return resolve(dirname(link), await readlink(link));
  } catch {
    return undefined;
  }
}

/** Whether PATH names a folder. */
export function isOnPath(folder: string, path: string, separator = delimiter): boolean {
  return path.split(separator).some((part) => part !== '' && resolve(part) === resolve(folder));
}

async function onWindows(app: App, folder: string): Promise<void> {
  const detail = `The folder ${folder} is added to the PATH of your user account.`;
  if (!(await app.messages.agree('Put "turnkeep" on your PATH?', detail, 'Add to PATH'))) return;
  // Not setx, which cuts PATH off at 1024 characters. The folder goes in as data, not as code.
  const script = [
    "$have = [Environment]::GetEnvironmentVariable('Path', 'User')",
    "$parts = @($have -split ';' | Where-Object { $_ -and $_ -ne $env:TURNKEEP_BIN })",
    "[Environment]::SetEnvironmentVariable('Path', (($parts + $env:TURNKEEP_BIN) -join ';'), 'User')",
  ].join('; ');
  await promisify(execFile)(
    'powershell.exe',
    ['-NoProfile', '-NonInteractive', '-Command', script],
    {
      env: { ...process.env, TURNKEEP_BIN: folder },
      windowsHide: true,
    },
  );
  await app.messages.report(
    'The command "turnkeep" is installed. Open a new terminal and try: turnkeep status',
  );
}
