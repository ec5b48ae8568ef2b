import type { ServerContext } from '@modelcontextprotocol/server';

/** A call is told to be running after this long, and again each time as long has passed. */
export const PROGRESS_EVERY_MS = 2000;

/** Says in a line how far the work is. */
export type Tell = (message: string) => void;

/**
 * Runs `work` and tells a client that asked for progress, every two seconds, how many seconds it has
 * been running, and in between what the work itself has to tell: whoever waits with a time limit can
 * see that it is not lost. What happens to these messages does not touch the work, which is given no
 * way to tell when nobody asked.
 */
export async function withProgress<T>(
  extra: ServerContext,
  what: string,
  work: (tell: Tell | undefined) => Promise<T>,
): Promise<T> {
  const progressToken = extra.mcpReq._meta?.progressToken;
  if (progressToken === undefined) return work(undefined);
  const began = Date.now();
  let last = 0;
  const notify = (seconds: number, message: string) => {
    // The protocol wants more each time.
    last = seconds > last ? seconds : last + 0.001;
    const params = { progressToken, progress: last, message };
    extra.mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {});
  };
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - began) / 1000);
    notify(seconds, `${what}: ${seconds} s`);
  }, PROGRESS_EVERY_MS);
  try {
    return await work((message) => notify((Date.now() - began) / 1000, message));
  } finally {
    clearInterval(timer);
  }
}
