import type { Command } from 'commander';
import { TurnkeepError } from '../../contracts/errors.ts';
import { runningOnly } from '../cli.ts';
import { lastLines, logFiles } from '../logs/files.ts';
import { follow, liveRecords } from '../logs/follow.ts';
import { wholeNumber } from '../numbers.ts';
import { logLine } from '../output/logLine.ts';
import { notice, painter, print, printJson } from '../output/terminal.ts';
import { addVerb, onRun } from '../verb.ts';

type Options = { follow?: boolean; lines: number };

export function addLogs(program: Command): void {
  const command = addVerb(program, {
    usage: 'logs',
    summary: "show the server's log",
    details: 'A running server tells new lines itself; without one they are read from its files.',
    examples: [['turnkeep logs -f', 'the last lines, then each new one']],
  });
  command
    .option('-f, --follow', 'go on with new lines until Ctrl+C')
    .option('-n, --lines <N>', 'how many lines', wholeNumber(0, 1_000_000), 50);
  onRun<Options>(command, async (_args, cli, options) => {
    if (cli.json && options.follow)
      throw new TurnkeepError('usage', '--json cannot be used with --follow.');
    // Opened first, so that nothing falls between the files and the stream.
    const live = options.follow ? await liveRecords(runningOnly(cli)) : null;
    const files = await logFiles(cli.home.logs);
    const { lines, end } = await lastLines(files, options.lines);
    if (cli.json) return printJson(lines.map(asEntry));
    if (files.length === 0) await notice(`There is no log in ${cli.home.logs} yet.`);
    const paint = painter(process.stdout);
    const tell = (line: string) => print(logLine(line, paint));
    for (const line of lines) await tell(line);
    if (!options.follow) return;
    await follow(live, cli.home.logs, { printed: lines, place: end }, tell);
  });
}

function asEntry(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return { msg: line };
  }
}
