import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Installs the Debian packages that are missing. Does nothing when all are there.
 * @param {string[]} names
 * @param {{log?: (line: string) => void}} [options]
 * @returns {string[]} what was installed
 * @throws when something is missing that cannot be installed from here; the message names the
 *   command to run by hand
 */
export function ensureDebianPackages(names, { log = console.log } = {}) {
  if (!isDebian()) {
    throw new Error(`Missing tools: install the counterparts of ${names.join(', ')} by hand.`);
  }
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length === 0) return [];
  const sudo = isRoot() ? [] : ['sudo', '-n'];
  const byHand = `sudo apt-get update && sudo apt-get install -y ${missing.join(' ')}`;
  if (!isRoot() && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status !== 0) {
    throw new Error(`Missing Debian packages, and no right to install them. Run:\n  ${byHand}`);
  }
  log(`Installing Debian packages: ${missing.join(' ')}`);
  const run = (...args) => aptGet([...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive'], args);
  // An update that fails in part (a third-party source that is down) need not stop the install.
  run('update', '-q');
  const install = run('install', '-y', '-q', '--no-install-recommends', ...missing);
  if (install.status !== 0) {
    const tail = `${install.stdout}${install.stderr}`.trim().split('\n').slice(-8).join('\n');
    throw new Error(`Installing Debian packages failed:\n${tail}\nRun by hand:\n  ${byHand}`);
  }
  return missing;
}

/** @returns {boolean} whether this is Debian, Ubuntu or a system that uses their tools */
export function isDebian() {
  return process.platform === 'linux' && existsSync('/etc/debian_version') && onPath('apt-get');
}

/**
 * @param {string} command
 * @returns {string | undefined} where the command lies on PATH; on Windows by PATHEXT
 */
export function onPath(command) {
  const extensions =
    process.platform === 'win32' ? (process.env.PATHEXT ?? '.EXE;.CMD').split(';') : [''];
  for (const dir of (process.env.PATH ?? '').split(delimiter).filter(Boolean)) {
    for (const extension of extensions) {
      const path = join(dir, command + extension.toLowerCase());
      if (existsSync(path)) return path;
    }
  }
  return undefined;
}

/**
 * A Chromium or Chrome that playwright-core can drive.
 * @returns {string | undefined}
 */
export function findChromium() {
  const { CHROMIUM_PATH, PROGRAMFILES, LOCALAPPDATA } = process.env;
  if (CHROMIUM_PATH) {
    if (existsSync(CHROMIUM_PATH)) return CHROMIUM_PATH;
    throw new Error(`CHROMIUM_PATH is ${CHROMIUM_PATH}, which does not exist.`);
  }
  const windows = ['Google\\Chrome\\Application\\chrome.exe', 'Chromium\\Application\\chrome.exe'];
  const places = {
    darwin: [
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ],
    win32: [PROGRAMFILES, process.env['PROGRAMFILES(X86)'], LOCALAPPDATA]
      .filter(Boolean)
      .flatMap((base) => windows.map((path) => join(base, path))),
    linux: ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable'],
  };
  const found = (places[process.platform] ?? []).find((path) => existsSync(path));
  return found ?? ['chromium', 'google-chrome', 'chrome'].map(onPath).find(Boolean);
}

/**
 * {@link findChromium}, installing Debian's package when there is none.
 * @returns {string}
 */
export function ensureChromium() {
  const found = findChromium();
  if (found) return found;
  if (isDebian()) ensureDebianPackages(['chromium']);
  const installed = findChromium();
  if (!installed) throw new Error('No Chromium found. Install one, or set CHROMIUM_PATH to it.');
  return installed;
}

function isRoot() {
  return process.getuid?.() === 0;
}

function isInstalled(name) {
  try {
    const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
    return /^Status: .* installed$/m.test(execFileSync('dpkg', ['-s', name], options));
  } catch {
    return false;
  }
}

function aptGet([command, ...prefix], args) {
  // dpkg's lock may be held by a daily upgrade: wait for it rather than fail.
  const all = [...prefix, 'apt-get', '-o', 'DPkg::Lock::Timeout=120', ...args];
  return spawnSync(command, all, { encoding: 'utf8', maxBuffer: 64 << 20 });
}
