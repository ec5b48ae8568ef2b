import { setTimeout as sleep } from 'node:timers/promises';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Discovery, StartReport } from '../../contracts/server.ts';
import { assemble } from './assemble.ts';
import type { ServerConfig } from './config.ts';
import { readDiscovery } from './discoveryFile.ts';
import { takeLock } from './lock.ts';
import { prepareHome } from './prepareHome.ts';

/** How long a second server waits for the first one to be up, or gone. */
const YIELD_WAIT_MS = 60_000;

/** The server that holds the lock, once it answers; null when it has gone instead. */
async function otherServer(config: ServerConfig, pid: number): Promise<Discovery | null> {
  const found = await readDiscovery(config.home.discovery);
  if (!found || (pid !== 0 && found.pid !== pid)) return null;
  const answer = await fetch(`${found.url}/health`, { signal: AbortSignal.timeout(2_000) }).catch(
    () => null,
  );
  return answer?.ok ? found : null;
}

/**
 * Starts the server of this home, or reports the one that runs already.
 * @throws TurnkeepError with what to do: home, data folder, database or ports.
 */
export async function startOrYield(config: ServerConfig): Promise<StartReport> {
  await prepareHome(config.home);
  const until = Date.now() + YIELD_WAIT_MS;
  for (;;) {
    const outcome = await takeLock(config.home.lock);
    if (outcome.held) {
      try {
        return { ready: true, ...(await assemble(config, outcome.lock)) };
      } catch (error) {
        await outcome.lock.release();
        throw error;
      }
    }
    const other = await otherServer(config, outcome.owner.pid);
    if (other) return { ready: true, ...other };
    if (Date.now() > until) {
      throw new TurnkeepError(
        'conflict',
        `Process ${outcome.owner.pid} on ${outcome.owner.host} holds this home but does not answer. End it, or run \`turnkeep doctor\`.`,
      );
    }
    await sleep(100);
  }
}
