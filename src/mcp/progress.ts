import type { ServerContext } from '@modelcontextprotocol/server';

/** A call is told to be running after this long, and again each time as long has passed. */
export const PROGRESS_EVERY_MS = 2000;

/**
 * Runs `work` and tells a client that asked for progress, every two seconds, how many seconds it has
 * been running: whoever waits with a time limit can see that it is not lost. What happens to these
 * messages does not touch the work.
 */
export async function withProgress<T>(
  extra: ServerContext,
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  const progressToken = extra.mcpReq._meta?.progressToken;
  if (progressToken === undefined) return work();
  const began = Date.now();
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - began) / 1000);
    const params = { progressToken, progress: seconds, message: `${what}: ${seconds} s` };
    extra.mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {});
  }, PROGRESS_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
