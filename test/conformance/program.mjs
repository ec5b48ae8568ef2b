import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs a program to its end, or ends it after `limitMs`.
 * @param {string} command
 * @param {string[]} args
 * @param {{env: NodeJS.ProcessEnv, limitMs: number, cwd?: string}} options
 * @returns {Promise<{code: number | null, stdout: string, stderr: string}>}
 */
export async function runProgram(command, args, { env, limitMs, cwd }) {
  const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  return { code, stdout, stderr };
}
