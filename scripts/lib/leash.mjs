import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ownPath = fileURLToPath(import.meta.url);
const GRACE_MS = 4_000;
const windows = process.platform === 'win32';

/**
 * Starts a program, and all that it starts, so that none of it outlives this process: the program
 * runs in a process group under a small keeper, which ends the group when its standard input
 * closes. That happens also when this process is killed outright.
 * @param {string} command
 * @param {string[]} args
 * @param {{env?: NodeJS.ProcessEnv, cwd?: string}} [options]
 * @returns {{child: import('node:child_process').ChildProcess, stop: () => Promise<void>}}
 */
export function spawnOnLeash(command, args, options = {}) {
  const child = spawn(process.execPath, [ownPath, command, ...args], {
    ...options,
    detached: !windows,
    windowsHide: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.stdin.on('error', () => {});
  const stop = async () => {
    child.stdin.end();
    await Promise.race([closed, sleep(GRACE_MS + 2_000, undefined, { ref: false })]);
    await waitForGroup(child.pid);
  };
  return { child, stop };
}

/**
 * The environment without what an editor, npm or a shell left there that would redirect a child:
 * in an editor's terminal `VSCODE_*` makes a started editor join the running one.
 * @param {NodeJS.ProcessEnv} [extra]
 * @returns {NodeJS.ProcessEnv}
 */
export function cleanEnv(extra = {}) {
  const foreign =
    /^(VSCODE_|CURSOR_|npm_package_|npm_lifecycle_|npm_config_local_prefix$|CODE_SERVER_|PORT$|ELECTRON_RUN_AS_NODE$|NODE_OPTIONS$|NODE_CHANNEL_)/;
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(own), ...extra };
}

async function waitForGroup(pid) {
  if (windows) return;
  for (let left = 20; left > 0 && signalGroup(pid, 0); left -= 1) await sleep(50);
  // Whoever is left ignored the request. (A zombie stays until it is reaped: no use waiting.)
  signalGroup(pid, 'SIGKILL');
}

function signalGroup(pid, signal) {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

function keep([command, ...args]) {
  const program = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    if (windows) {
      spawn('taskkill', ['/pid', String(program.pid), '/T', '/F'], { stdio: 'ignore' });
      return;
    }
    signalGroup(process.pid, 'SIGTERM');
    setTimeout(() => signalGroup(process.pid, 'SIGKILL'), GRACE_MS);
  };
  // Its own signal to the group comes back here, and must not end the keeper before its work.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, end);
  // Only a pipe that closes means the end: `resume` is what makes 'end' arrive.
  process.stdin.on('end', end).on('error', end).resume();
  program.on('error', (error) => {
    console.error(String(error));
    process.exit(127);
  });
  program.on('exit', (code) => process.exit(code ?? 1));
}

if (process.argv[1] === ownPath) keep(process.argv.slice(2));
