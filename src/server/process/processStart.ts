import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whether a process of this id exists on this machine (of any user). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function linuxStart(pid: number): Promise<string> {
  const [stat, bootId] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
  ]);
  // The command name may hold spaces and brackets; the fields are counted from after it.
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return `${bootId.trim()}/${afterName[19]}`;
}

/**
 * A text that names one process for ever: process ids are reused, a pair of id and start is not.
 * Null when the platform does not tell (the process has ended, or its tools are missing).
 */
export async function processStart(pid: number): Promise<string | null> {
  try {
    if (process.platform === 'linux') return await linuxStart(pid);
    if (process.platform === 'win32') {
      const script = `(Get-Process -Id ${pid}).StartTime.ToUniversalTime().Ticks`;
      const { stdout } = await run('powershell.exe', ['-NoProfile', '-Command', script], {
        windowsHide: true,
      });
      return stdout.trim() || null;
    }
    const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)], {
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    });
    return stdout.trim() || null;
  } catch {
    return null;
  }
}
