import vm from 'node:vm';

/** A check takes this long at most: a pattern can take for ever on a text that provokes it. */
const MOST_MS = 500;

const context = vm.createContext({ work: undefined });
const script = new vm.Script('work()');

/**
 * Does what takes no longer than half a second, and is not asynchronous. Null when it took longer;
 * what `work` throws is passed on.
 */
export function limited<T>(work: () => T): T | null {
  context.work = work;
  try {
    return script.runInContext(context, { timeout: MOST_MS }) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return null;
    throw error;
  } finally {
    context.work = undefined;
  }
}
