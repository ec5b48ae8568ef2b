import type { Command } from 'commander';
import { stopServer } from '../../client/connection.ts';
import { findServer } from '../../client/discovery.ts';
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
    if (server) await stopServer(cli.home, server, 'turnkeep stop');
    if (cli.json) return printJson({ stopped: server !== null, pid: server?.pid ?? null });
    await print(server ? `Stopped (process ${server.pid}).` : 'No server was running.');
  });
}
