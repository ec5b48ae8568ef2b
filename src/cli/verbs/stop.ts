import { hostname } from 'node:os';
import type { Command } from 'commander';
import { stopServer } from '../../client/connection.ts';
import { findServer } from '../../client/discovery.ts';
import { readLockState } from '../../client/lockState.ts';
import { processAlive } from '../../client/processAlive.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Home } from '../../contracts/home.ts';
import { print, printJson } from '../output/terminal.ts';
import { addVerb, onRun } from '../verb.ts';

export function addStop(program: Command): void {
  const command = addVerb(program, {
    usage: 'stop',
    summary: 'end the running server in good order',
    examples: [['turnkeep stop', 'it starts again with the next capture']],
  });
  onRun(command, async (_args, cli) => {
    const server = await findServer(cli.home);
    if (!server) await refuseIfSilent(cli.home);
    if (server) await stopServer(cli.home, server, 'turnkeep stop');
    if (cli.json) return printJson({ stopped: server !== null, pid: server?.pid ?? null });
    await print(server ? `Stopped (process ${server.pid}).` : 'No server was running.');
  });
}

/** A server that hangs is there all the same: saying that there is none would mislead. */
async function refuseIfSilent(home: Home): Promise<void> {
  const lock = await readLockState(home);
  if (!lock || lock.released || lock.host !== hostname() || !processAlive(lock.pid)) return;
  throw new TurnkeepError(
    'conflict',
    `Process ${lock.pid} holds this home but does not answer. When it stays so, end that process; nothing that was acknowledged is lost.`,
  );
}
