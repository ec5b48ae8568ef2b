import { type ChildProcess, spawn } from 'node:child_process';
import type { Command } from 'commander';
import { firstReport, serverEnvironment } from '../../client/startServer.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import { SERVER_NODE_FLAGS } from '../../contracts/server.ts';
import { serverPath } from '../cli.ts';
import { wholeNumber } from '../numbers.ts';
import { print, printJson } from '../output/terminal.ts';
import { addVerb, onRun } from '../verb.ts';

type Options = { port?: number; idleExit?: number };

export function addServe(program: Command): void {
  const command = addVerb(program, {
    usage: 'serve',
    summary: 'run the server in the foreground until Ctrl+C',
    details:
      'Not needed for daily use: the server starts by itself. When one runs already its address is printed.',
    examples: [['turnkeep serve --port 4000', 'on another port']],
  });
  command
    .option(
      '--port <N>',
      'port to listen on, 0 for any (default: 3000 or the next free one)',
      wholeNumber(0, 65_535),
    )
    .option(
      '--idle-exit <MINUTES>',
      'end after so many idle minutes; 0, the default here, is never',
      wholeNumber(0, 100_000),
    );
  onRun<Options>(command, async (_args, cli, { port, idleExit }) => {
    const idle = idleExit ?? (process.env.TURNKEEP_IDLE_EXIT_MINUTES ? undefined : 0);
    const args = [
      ...(port === undefined ? [] : ['--port', String(port)]),
      ...(idle === undefined ? [] : ['--idle-exit', String(idle)]),
    ];
    const child = spawn(process.execPath, [...SERVER_NODE_FLAGS, serverPath, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: serverEnvironment({ home: cli.home }),
    });
    passSignals(child);
    const report = await firstReport(child, 120_000, async () => '');
    if (!report.ready) throw TurnkeepError.fromBody(report.error);
    const isOurs = report.pid === child.pid;
    if (cli.json) await printJson(report);
    else if (isOurs) {
      await print(
        `Turnkeep ${report.version} at ${report.url} (process ${report.pid}). Ctrl+C ends it.`,
      );
    } else await print(`A server runs already at ${report.url} (process ${report.pid}).`);
    if (isOurs) process.exitCode = await ended(child);
  });
}

/** What would end this process ends the server, which then finishes in good order. */
function passSignals(child: ChildProcess): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // The console of Windows tells every process of its own; `kill` would be abrupt there.
      if (process.platform !== 'win32') child.kill(signal);
    });
  }
}

function ended(child: ChildProcess): Promise<number> {
  child.ref();
  return new Promise((resolve) => {
    if (child.exitCode !== null) resolve(child.exitCode);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
