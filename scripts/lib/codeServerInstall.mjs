import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { ensureDebianPackages, isDebian, onPath } from './debian.mjs';
import { cleanEnv } from './leash.mjs';

const CODE_SERVER = '4.105.1';
const NODE = '22.23.3';

/** Changes whenever a step below does, so that an older install is not taken for this one. */
export const INSTALL_VERSION = `code-server ${CODE_SERVER}, node ${NODE}, recipe 1`;

/**
 * Dependencies of the VS Code server that cannot come from the package registry as published:
 * the watcher names a git address, and this ripgrep fetches its program from elsewhere on install.
 */
const REPLACED = { '@parcel/watcher': '2.5.1', '@vscode/ripgrep': '1.18.0' };

/** Built from source with the headers that the node package carries; the last for terminals. */
const NATIVE = ['@vscode/spdlog', 'native-watchdog', 'node-pty'];

/**
 * Where things lie in an installed folder.
 * @param {string} dir
 * @returns {{node: string, entry: string, vscode: string}}
 */
export function installedPaths(dir) {
  const server = join(dir, 'server', 'node_modules', 'code-server');
  const node = process.platform === 'win32' ? 'node.exe' : 'node';
  return {
    node: join(nodePackage(dir), 'bin', node),
    entry: join(server, 'out', 'node', 'entry.js'),
    vscode: join(server, 'lib', 'vscode'),
  };
}

/**
 * Puts code-server and its own Node into an empty folder: about a minute and 600 MB.
 * @param {string} dir
 * @param {(line: string) => void} log
 */
export async function buildCodeServer(dir, log) {
  ensureCompiler(log);
  for (const name of ['node', 'server']) {
    await mkdir(join(dir, name));
    // Without a package.json of its own npm would install into the nearest parent's.
    await writeFile(join(dir, name, 'package.json'), '{"private":true}\n');
  }
  const { vscode } = installedPaths(dir);
  const npm = (folder, ...args) => runNpm(dir, folder, args);
  log(`Installing the browser host, once: Node ${NODE} …`);
  await npm(join(dir, 'node'), 'install', '--ignore-scripts', `${nodePackageName()}@${NODE}`);
  log(`… code-server ${CODE_SERVER} …`);
  await npm(join(dir, 'server'), 'install', '--ignore-scripts', `code-server@${CODE_SERVER}`);
  await npm(join(dir, 'server'), 'rebuild', '--ignore-scripts=false', 'argon2');
  log('… its VS Code server, and native modules …');
  await replaceDependencies(vscode);
  await npm(vscode, 'install', '--ignore-scripts', '--omit=dev');
  await npm(vscode, 'rebuild', '--ignore-scripts=false', ...NATIVE);
}

function nodePackageName() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  // The one platform whose package has another name.
  const prefix = platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  return `${prefix}-${platform}-${process.arch}`;
}

function nodePackage(dir) {
  return join(dir, 'node', 'node_modules', nodePackageName());
}

function ensureCompiler(log) {
  const needed = { 'g++': 'g++', make: 'make', python3: 'python3' };
  const missing = Object.keys(needed).filter((command) => !onPath(command));
  if (missing.length > 0 && isDebian()) ensureDebianPackages(missing, { log });
}

async function replaceDependencies(vscode) {
  await editJson(join(vscode, 'package.json'), (manifest) => {
    Object.assign(manifest.dependencies, REPLACED);
  });
  await editJson(join(vscode, 'npm-shrinkwrap.json'), (lock) => {
    Object.assign(lock.packages[''].dependencies, REPLACED);
    for (const name of Object.keys(REPLACED)) delete lock.packages[`node_modules/${name}`];
  });
}

async function editJson(path, edit) {
  const value = JSON.parse(await readFile(path, 'utf8'));
  edit(value);
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

async function runNpm(dir, folder, args) {
  const env = cleanEnv();
  const pathName = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  const own = join(nodePackage(dir), 'bin');
  env[pathName] = `${own}${delimiter}${env[pathName] ?? ''}`;
  // Headers of the very Node that will load the modules; node-gyp would download them.
  if (process.platform !== 'win32') env.npm_config_nodedir = nodePackage(dir);
  const flags = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  const all = [...args, '--prefix', folder, ...flags];
  const npmCli = process.env.npm_execpath ?? '';
  const direct = basename(npmCli) === 'npm-cli.js';
  const child = direct
    ? spawn(process.execPath, [npmCli, ...all], { cwd: folder, env })
    : spawn('npm', all, { cwd: folder, env, shell: process.platform === 'win32' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      output = (output + data).slice(-20_000);
    });
  }
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code === 0) return;
  const tail = output.trim().split('\n').slice(-15).join('\n');
  throw new Error(`npm ${args.join(' ')} failed (${code}) in ${folder}:\n${tail}`);
}
