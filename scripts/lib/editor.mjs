import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startBrowserHost } from './browserHost.mjs';
import { toolsCacheDir } from './cache.mjs';
import { onPath } from './debian.mjs';
import { cleanEnv, spawnOnLeash } from './leash.mjs';

const VSCODE_VERSION = '1.105.0';
const CLI_LIMIT_MS = 15_000;
const DOWNLOAD_IDLE_LIMIT_MS = 10_000;

/**
 * @typedef {object} EditorOptions
 * @property {string} extensionPath the built checkout, for editors that load it from there
 * @property {string} vsixPath for the browser host
 * @property {string} workspace the folder to open
 * @property {NodeJS.ProcessEnv} [env] reaches the extension
 * @property {(line: string) => void} [log]
 *
 * @typedef {object} OpenEditor
 * @property {'cursor' | 'code' | 'downloaded' | 'browser'} kind
 * @property {string} [address] where a browser finds it
 * @property {() => Promise<void>} stop
 * @property {string} note one line for a person: what was opened and how to end it
 */

/**
 * Opens the extension in the best editor at hand: an installed Cursor or VS Code, else a
 * downloaded VS Code, else VS Code in the browser.
 * @param {EditorOptions} options
 * @returns {Promise<OpenEditor>}
 */
export async function openEditor(options) {
  const all = { env: {}, log: console.log, ...options };
  const desktop = hasDisplay() && ((await openInstalled(all)) ?? (await openDownloaded(all)));
  return desktop || openInBrowser(all);
}

function hasDisplay() {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  return process.platform !== 'linux' || Boolean(DISPLAY || WAYLAND_DISPLAY);
}

async function openInstalled({ extensionPath, workspace, env, log }) {
  for (const kind of ['cursor', 'code']) {
    const path = onPath(kind);
    if (!path) continue;
    const args = [`--extensionDevelopmentPath=${extensionPath}`, '--new-window', workspace];
    // As root on Linux both refuse to start without a profile of their own.
    const asRoot = process.platform === 'linux' && process.getuid() === 0;
    if (asRoot) args.push('--no-sandbox', `--user-data-dir=${profile(kind)}`);
    const problem = await runCli(path, args, cleanEnv(env));
    if (problem) {
      log(`${path} could not be started (${problem}); trying the next editor.`);
      continue;
    }
    // The window belongs to the person's own editor, which we must not end.
    const stop = async () => {};
    return { kind, stop, note: `Opened a ${kind} window (${path}); close it when you are done.` };
  }
  return undefined;
}

/** The command hands over to the editor and exits; on some systems it stays, which is as good. */
function runCli(path, args, env) {
  return new Promise((resolve) => {
    const options = { env, stdio: 'ignore', detached: process.platform !== 'win32' };
    const child = spawnProgram(path, args, options);
    child.unref();
    const timer = setTimeout(resolve, CLI_LIMIT_MS);
    const done = (problem) => {
      clearTimeout(timer);
      resolve(problem);
    };
    child.on('error', (error) => done(error.message));
    child.on('exit', (code) => done(code === 0 ? undefined : `exit code ${code}`));
  });
}

/**
 * Spawns a program that on Windows may be a batch file, which only the shell can run.
 * @param {string} path
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @param {NodeJS.Platform} [platform]
 */
export function spawnProgram(path, args, options, platform = process.platform) {
  if (platform !== 'win32' || !/\.(cmd|bat)$/i.test(path)) return spawn(path, args, options);
  const quote = (text) => `"${text}"`;
  // The shell joins the parts with spaces and quotes nothing by itself.
  const line = [path, ...args].map(quote).join(' ');
  return spawn(line, [], { ...options, shell: true, windowsHide: true });
}

async function openDownloaded({ extensionPath, workspace, env, log }) {
  let program;
  try {
    program = await download();
  } catch (error) {
    log(`VS Code could not be downloaded (${error.message}); using the browser host.`);
    return undefined;
  }
  const args = [
    workspace,
    `--extensionDevelopmentPath=${extensionPath}`,
    `--user-data-dir=${profile('downloaded')}`,
    `--extensions-dir=${join(profile('downloaded'), 'extensions')}`,
    ...['--disable-updates', '--disable-telemetry', '--skip-welcome', '--skip-release-notes'],
    ...(process.platform === 'linux' ? ['--no-sandbox'] : []),
  ];
  const { child, stop } = spawnOnLeash(program, args, { env: cleanEnv(env) });
  child.stdout.resume();
  child.stderr.resume();
  const note = `Opened VS Code ${VSCODE_VERSION} (downloaded); it closes when this command ends.`;
  return { kind: 'downloaded', stop, note };
}

async function download() {
  // A development dependency, and a heavy one: only those who download pay for it.
  const { downloadAndUnzipVSCode, SilentReporter } = await import('@vscode/test-electron');
  return downloadAndUnzipVSCode({
    version: VSCODE_VERSION,
    cachePath: join(toolsCacheDir(), 'vscode-test'),
    timeout: DOWNLOAD_IDLE_LIMIT_MS,
    reporter: new SilentReporter(),
  });
}

async function openInBrowser({ vsixPath, workspace, env, log }) {
  const userDir = profile('browser');
  const extensionsDir = join(userDir, 'extensions');
  // It holds a terminal: other people of this machine must not get in.
  const password = randomBytes(9).toString('base64url');
  const host = await startBrowserHost({ userDir, extensionsDir, env, password, log });
  try {
    await host.installVsix(vsixPath);
  } catch (error) {
    await host.stop();
    throw error;
  }
  const folder = decodeURI(pathToFileURL(workspace).pathname);
  const address = `${host.url}/?${new URLSearchParams({ folder })}`;
  const note = `VS Code runs in the browser: open ${address} with the password ${password}. It ends with this command.`;
  return { kind: 'browser', address, stop: host.stop, note };
}

function profile(kind) {
  return join(toolsCacheDir(), 'profiles', kind);
}
