import { type ChildProcess, spawn } from 'node:child_process';
import { TurnkeepError } from '../../contracts/errors.ts';
import { leastEnvironment } from './environment.ts';
import { groupGone, killGroup } from './killGroup.ts';
import { Lines } from './lines.ts';

/** How a process ended: by itself, or why it was ended. */
export type EndReason = 'exited' | 'timed_out' | 'cancelled' | 'output_limit';

export type RunOptions = {
  /** An executable file, by its whole path or found in `PATH` of `env`. No shell reads it. */
  command: string;
  args: readonly string[];
  cwd: string;
  /** Added to the least environment (`leastEnvironment`); nothing else of the server's own is. */
  env: Record<string, string>;
  timeoutMs: number;
  /** Bytes of standard output and error together, after which it is ended. */
  maxOutputBytes: number;
  signal: AbortSignal;
  /** Each line as it comes, without its end. */
  onLine: (line: string, from: 'stdout' | 'stderr') => void;
  /** Its id, as soon as it runs; on POSIX also that of its group. */
  onStart?: (pid: number) => void;
};
export type Ran = {
  reason: EndReason;
  /** Exit code; null when a signal ended it. */
  code: number | null;
  tookMs: number;
};

/** Between being asked to end and being ended. */
const GRACE_MS = 1_500;
/** What has ended may have output on its way, or children that hold it open. */
const DRAIN_MS = 500;

/**
 * Runs a program without a shell, in a process group of its own, until it has ended and nothing of
 * its group is left: on cancel, timeout or too much output the whole group goes, within two seconds.
 * A process that leaves the group (`setsid`) is out of reach.
 * @throws TurnkeepError `invalid_request` when it cannot be started.
 */
export function runProcess(options: RunOptions): Promise<Ran> {
  const { command, args, cwd, env, signal } = options;
  const began = performance.now();
  return new Promise((done, failed) => {
    let reason: EndReason = 'exited';
    let forced: NodeJS.Timeout | undefined;
    let bytes = 0;
    if (signal.aborted) return done({ reason: 'cancelled', code: null, tookMs: 0 });
    const child = spawn(command, [...args], {
      ...{ cwd, shell: false, windowsHide: true },
      env: { ...leastEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    const end = (why: EndReason) => {
      const { pid } = child;
      if (reason !== 'exited' || pid === undefined) return;
      reason = why;
      killGroup(pid, false);
      forced = setTimeout(() => killGroup(pid, true), GRACE_MS);
    };
    const cancelled = () => end('cancelled');
    const timer = setTimeout(() => end('timed_out'), options.timeoutMs);
    signal.addEventListener('abort', cancelled, { once: true });
    const finish = () => {
      clearTimeout(timer);
      clearTimeout(forced);
      signal.removeEventListener('abort', cancelled);
    };
    const flush = readLines(child, options, (length) => {
      bytes += length;
      if (bytes > options.maxOutputBytes) end('output_limit');
      return reason !== 'output_limit';
    });
    child.once('error', (cause) => {
      if (child.pid !== undefined) return;
      finish();
      failed(notStarted(command, cause));
    });
    child.once('spawn', () => child.pid !== undefined && options.onStart?.(child.pid));
    child.once('exit', async (code) => {
      await closed(child);
      // Whoever is left of the group has nobody to work for.
      if (child.pid !== undefined && process.platform !== 'win32') {
        killGroup(child.pid, true);
        await groupGone(child.pid);
      }
      finish();
      child.stdout?.destroy();
      child.stderr?.destroy();
      flush();
      done({ reason, code, tookMs: Math.round(performance.now() - began) });
    });
  });
}

/** Ends what is left of a process that an earlier server has started, and its group, at once. */
export function endLeftOver(pid: number): void {
  killGroup(pid, true);
}

/** Hands lines on while `take` says so; the result gives what came after the last line break. */
function readLines(
  child: ChildProcess,
  { onLine }: RunOptions,
  take: (length: number) => boolean,
): () => void {
  const streams = (['stdout', 'stderr'] as const).map((from) => {
    const lines = new Lines((line) => onLine(line, from));
    child[from]?.on('data', (chunk: Buffer) => {
      if (take(chunk.length)) lines.push(chunk);
    });
    return lines;
  });
  return () => {
    for (const lines of streams) lines.end();
  };
}

/** Both outputs have ended, or the time for it is over. */
function closed(child: ChildProcess): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, DRAIN_MS);
    child.once('close', () => {
      clearTimeout(timer);
      done();
    });
  });
}

function notStarted(command: string, cause: Error): TurnkeepError {
  const { code } = cause as NodeJS.ErrnoException;
  const why =
    code === 'ENOENT'
      ? 'it is not installed, or not in PATH'
      : code === 'EACCES'
        ? 'it is not executable'
        : cause.message;
  return new TurnkeepError('invalid_request', `${command} cannot be started: ${why}.`, { cause });
}
