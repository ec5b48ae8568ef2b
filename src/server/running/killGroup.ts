import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Ends a process and everything that it has started. On POSIX its whole process group (it was
 * started as the leader of one), first asked to end; on Windows the tree below it, at once.
 * One that is gone already is no error.
 * @param force does not ask first
 */
export function killGroup(pid: number, force: boolean): void {
  if (process.platform === 'win32') {
    spawn('taskkill', ['/PID', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true })
      // Without taskkill there is the process itself.
      .on('error', () => signal(pid, 'SIGKILL'));
    return;
  }
  signal(-pid, force ? 'SIGKILL' : 'SIGTERM');
}

/**
 * Waits until nobody of a group is left, a fifth of a second at most: what was killed is gone a moment
 * later. Windows tells nothing of a tree whose root has ended.
 */
export async function groupGone(pid: number): Promise<void> {
  if (process.platform === 'win32') return;
  for (let round = 0; round < 20 && isThere(-pid); round += 1) await sleep(10);
}

function isThere(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Nobody of the group is there any more.
  }
}
