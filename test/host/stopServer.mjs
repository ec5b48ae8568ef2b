import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT_MS = 15_000;

/**
 * Ends the server of a test's home, by the process that its `server.json` names, and waits for that.
 * @param {string} home
 */
export async function stopServerOf(home) {
  const text = await readFile(join(home, 'server.json'), 'utf8').catch(() => null);
  if (text === null) return;
  const { pid } = JSON.parse(text);
  const end = Date.now() + LIMIT_MS;
  for (let signal = 'SIGTERM'; ; signal = 0) {
    try {
      process.kill(pid, Date.now() > end ? 'SIGKILL' : signal);
    } catch {
      return;
    }
    await sleep(100);
  }
}
