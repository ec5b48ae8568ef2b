import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { TurnkeepError } from '../../contracts/errors.ts';
import { wholeNumber } from '../numbers.ts';
import { logLine } from '../output/logLine.ts';
import { notice, painter, print, printJson } from '../output/terminal.ts';
import { addVerb, onRun } from '../verb.ts';

const POLL_MS = 300;
type Options = { follow?: boolean; lines: number };

export function addLogs(program: Command): void {
  const command = addVerb(program, {
    usage: 'logs',
    summary: "show the server's log",
    examples: [['turnkeep logs -f', 'the last lines, then each new one']],
  });
  command
    .option('-f, --follow', 'go on with new lines until Ctrl+C')
    .option('-n, --lines <N>', 'how many lines', wholeNumber(0, 1_000_000), 50);
  onRun<Options>(command, async (_args, cli, { follow, lines }) => {
    if (cli.json && follow)
      throw new TurnkeepError('usage', '--json cannot be used with --follow.');
    const files = await logFiles(cli.home.logs);
    const last = await lastLines(files, lines);
    if (cli.json) return printJson(last.map(asEntry));
    if (files.length === 0) await notice(`There is no log in ${cli.home.logs} yet.`);
    const paint = painter(process.stdout);
    for (const line of last) await print(logLine(line, paint));
    if (follow) await followLog(cli.home.logs, async (line) => print(logLine(line, paint)));
  });
}

/** Log files, oldest first. */
async function logFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const files = names
    .filter((name) => /^server\.\d+\.log$/.test(name))
    .map((name) => join(folder, name));
  const dated = await Promise.all(
    files.map(async (file) => ({ file, at: (await stat(file)).mtimeMs })),
  );
  return dated
    .sort((a, b) => a.at - b.at || numberOf(a.file) - numberOf(b.file))
    .map(({ file }) => file);
}

function numberOf(file: string): number {
  return Number(/(\d+)\.log$/.exec(file)?.[1] ?? 0);
}

async function lastLines(files: string[], amount: number): Promise<string[]> {
  let lines: string[] = [];
  for (const file of files.toReversed()) {
    if (lines.length >= amount) break;
    lines = [...linesOf(await readFile(file, 'utf8')), ...lines];
  }
  return amount === 0 ? [] : lines.slice(-amount);
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function asEntry(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return { msg: line };
  }
}

/** Gives each line that is added, in whichever file is the newest, for ever. */
async function followLog(folder: string, tell: (line: string) => Promise<void>): Promise<void> {
  let file = (await logFiles(folder)).at(-1);
  let offset = file ? (await stat(file)).size : 0;
  let rest = '';
  for (;;) {
    await delay(POLL_MS);
    const files = await logFiles(folder);
    const from = file ? files.indexOf(file) : -1;
    for (const next of files.slice(Math.max(0, from))) {
      if (next !== file) {
        file = next;
        offset = 0;
      }
      const added = await readFrom(next, offset);
      offset += Buffer.byteLength(added);
      const lines = (rest + added).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') await tell(line);
    }
  }
}

async function readFrom(file: string, offset: number): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    if (size <= offset) return '';
    const bytes = Buffer.alloc(size - offset);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, offset);
    // Only whole lines: the last one may end inside of a character.
    const end = bytes.subarray(0, bytesRead).lastIndexOf(0x0a) + 1;
    return bytes.subarray(0, end).toString('utf8');
  } finally {
    await handle.close();
  }
}
