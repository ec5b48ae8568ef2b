import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installOnce, toolsCacheDir } from './cache.mjs';
import { buildCodeServer, INSTALL_VERSION, installedPaths } from './codeServerInstall.mjs';
import { cleanEnv, spawnOnLeash } from './leash.mjs';

const START_LIMIT_MS = 60_000;

/** What keeps an editor quiet, offline and the same from run to run. */
const QUIET_SETTINGS = {
  'telemetry.telemetryLevel': 'off',
  'workbench.startupEditor': 'none',
  'window.autoDetectColorScheme': true,
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'git.openRepositoryInParentFolders': 'never',
  'security.workspace.trust.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
};

/** Without a gallery address the host asks nobody for newer versions of what is installed. */
const NO_GALLERY = { EXTENSIONS_GALLERY: '{"serviceUrl":""}' };

/**
 * @typedef {object} BrowserHost
 * @property {string} url `http://127.0.0.1:PORT`
 * @property {number} port
 * @property {number} pid leader of the process group
 * @property {() => Promise<void>} stop ends every process of it, and waits for that
 * @property {(path: string) => Promise<void>} installVsix
 */

/**
 * Installs the browser host (code-server: a VS Code 1.105 workbench and extension host) into the
 * tools cache, unless it is there.
 * @param {{log?: (line: string) => void}} [options]
 * @returns {Promise<{dir: string, node: string, entry: string, installed: boolean}>}
 */
export async function installBrowserHost({ log = console.log } = {}) {
  const dir = join(toolsCacheDir(), `browser-host-${process.platform}-${process.arch}`);
  const build = (temp) => buildCodeServer(temp, log);
  const { installed } = await installOnce(dir, INSTALL_VERSION, build);
  return { dir, installed, ...installedPaths(dir) };
}

/**
 * Starts the browser host on loopback and waits until it answers. It ends with this process.
 * @param {object} options
 * @param {number} [options.port] a free one by default
 * @param {string} options.userDir settings and state
 * @param {string} options.extensionsDir
 * @param {Record<string, unknown>} [options.settings] on top of the quiet defaults
 * @param {NodeJS.ProcessEnv} [options.env] on top of this process's, cleaned
 * @param {string[]} [options.extraArgs]
 * @param {string} [options.password] asked for by a login page; without it everybody on this
 *   machine who finds the port gets in, which only a test can want
 * @param {(line: string) => void} [options.log]
 * @returns {Promise<BrowserHost>}
 */
export async function startBrowserHost(options) {
  const { userDir, extensionsDir, settings = {}, extraArgs = [], password, log } = options;
  const env = { ...options.env, ...(password ? { PASSWORD: password } : {}) };
  const { node, entry } = await installBrowserHost({ log });
  await mkdir(extensionsDir, { recursive: true });
  await writeSettings(join(userDir, 'User'), settings);

  const folders = ['--user-data-dir', userDir, '--extensions-dir', extensionsDir];
  const common = [entry, '--config', configPath(), ...folders];
  const run = (...args) =>
    spawnOnLeash(node, [...common, ...args], { env: cleanEnv({ ...NO_GALLERY, ...env }) });
  const { port, leash } = await listen(options.port, (at) =>
    run(...serverArgs(at, password ? 'password' : 'none'), ...extraArgs),
  );

  const installVsix = async (path) => {
    const { child } = run('--install-extension', path, '--force');
    const { code, output } = await ended(child);
    if (code !== 0) throw new Error(`Installing ${path} failed (${code}):\n${output.tail()}`);
  };
  const url = `http://127.0.0.1:${port}`;
  return { url, port, pid: leash.child.pid, stop: leash.stop, installVsix };
}

/** What a person changed in a lasting profile stays. */
async function writeSettings(dir, settings) {
  const path = join(dir, 'settings.json');
  const present = await readFile(path, 'utf8')
    .then(JSON.parse)
    .catch(() => ({}));
  await mkdir(dir, { recursive: true });
  const all = { ...QUIET_SETTINGS, ...present, ...settings };
  await writeFile(path, `${JSON.stringify(all, null, 2)}\n`);
}

function serverArgs(port, auth) {
  return [
    ...['--auth', auth, '--bind-addr', `127.0.0.1:${port}`, '--port', String(port)],
    ...['--disable-telemetry', '--disable-update-check', '--disable-workspace-trust'],
    ...['--disable-getting-started-override', '--ignore-last-opened'],
  ];
}

function configPath() {
  return process.platform === 'win32' ? 'NUL' : '/dev/null';
}

/** Another program can take the free port before the host does: then try the next one. */
async function listen(wanted, start) {
  for (let attempt = 1; ; attempt += 1) {
    const port = wanted ?? (await freePort());
    const leash = start(port);
    const output = collect(leash.child);
    try {
      await answers(port, leash.child, output);
      return { port, leash };
    } catch (error) {
      await leash.stop();
      if (wanted || attempt === 3 || !output.tail().includes('EADDRINUSE')) throw error;
    }
  }
}

async function answers(port, child, output) {
  const end = Date.now() + START_LIMIT_MS;
  while (Date.now() < end) {
    if (child.exitCode !== null) break;
    const reply = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
    // A stranger on a port that was asked for must not be taken for the host.
    if (reply?.ok && child.exitCode === null && output.tail().includes(`:${port}`)) return;
    await sleep(100);
  }
  throw new Error(`The browser host did not start on port ${port}:\n${output.tail()}`);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Reading on is also what keeps the host from blocking on a full pipe. */
function collect(child) {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      text = (text + data).slice(-20_000);
    });
  }
  // One of its libraries advertises itself at each start.
  const lines = () =>
    text
      .trim()
      .split('\n')
      .filter((line) => !line.includes('i18next'));
  return { tail: () => lines().slice(-20).join('\n') };
}

async function ended(child) {
  const output = collect(child);
  const code = await new Promise((resolve) => child.once('close', resolve));
  return { code, output };
}
