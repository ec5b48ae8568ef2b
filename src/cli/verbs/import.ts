import { createHash } from 'node:crypto';
import type { Command } from 'commander';
import { type MessageLine, messageLineSchema } from '../../contracts/conversations.ts';
import type { FieldError } from '../../contracts/errors.ts';
import type { Cli } from '../cli.ts';
import { PartialFailure } from '../failure.ts';
import { inputSize, readJsonLines } from '../jsonLines.ts';
import { progress } from '../output/progress.ts';
import { print, printJson } from '../output/terminal.ts';
import { bytes, count } from '../output/text.ts';
import { addVerb, onRun } from '../verb.ts';

const LINES_PER_CALL = 500;
const BYTES_PER_CALL = 8 * 1024 * 1024;

type Outcome = { imported: number; skipped: number; rejected: number };

export function addImport(program: Command): void {
  const command = addVerb(program, {
    usage: 'import <FILE>',
    summary: 'store conversations from a JSONL file',
    details:
      'A line is one message: {"session","thread"?,"project"?,"role":"user"|"assistant","content",\n"created_at"?,"model"?,"metadata"?}. --project is the project of lines that name none.\nWhat is stored already is skipped: run it again to go on after a stop. "-" reads standard input.',
    examples: [
      ['turnkeep import chat.jsonl --project website', 'a file into one project'],
      ['turnkeep export | ssh other turnkeep import -', 'everything, to another machine'],
    ],
  });
  onRun(command, async ([file = ''], cli) => {
    const problems: FieldError[] = [];
    const outcome = await importFile(cli, file, problems);
    if (cli.json) await printJson(outcome);
    else {
      const skipped = outcome.skipped > 0 ? `, ${outcome.skipped} were stored already` : '';
      await print(`Imported ${count(outcome.imported, 'message')}${skipped}.`);
    }
    if (problems.length > 0) {
      const lines = count(problems.length, 'line was', 'lines were');
      throw new PartialFailure(`${lines} left out.`, problems);
    }
  });
}

async function importFile(cli: Cli, file: string, problems: FieldError[]): Promise<Outcome> {
  const outcome: Outcome = { imported: 0, skipped: 0, rejected: 0 };
  const total = await inputSize(file);
  const bar = progress('Importing', total, bytes);
  const stopListening = explainInterrupt(file, bar.stop);
  const occurrences = new Occurrences();
  let lines: (MessageLine & { occurrence: number })[] = [];
  let size = 0;
  const flush = async () => {
    if (lines.length === 0) return;
    const project = cli.project ? { project: cli.project } : {};
    const done = await cli.client.call('import_messages', { lines, ...project });
    outcome.imported += done.imported;
    outcome.skipped += done.skipped;
    lines = [];
    size = 0;
  };
  try {
    for await (const line of readJsonLines(file, messageLineSchema)) {
      if (line.ok) {
        lines.push({ ...line.value, occurrence: occurrences.next(line.value) });
        size += line.size;
      } else {
        outcome.rejected += 1;
        problems.push({ path: `${file}:${line.number}`, message: line.problem });
      }
      if (lines.length < LINES_PER_CALL && size < BYTES_PER_CALL) continue;
      await flush();
      bar.advance(line.end);
    }
    await flush();
    bar.advance(total);
  } finally {
    bar.stop();
    stopListening();
  }
  return outcome;
}

/** Counts how often a message came in its session, by hash: a file may be larger than memory. */
class Occurrences {
  readonly #seen = new Map<string, number>();

  next({ project, session, role, content }: MessageLine): number {
    const hash = createHash('sha256');
    hash.update(JSON.stringify([project ?? null, session, role]));
    const key = hash.update(content).digest('base64').slice(0, 22);
    const occurrence = (this.#seen.get(key) ?? 0) + 1;
    this.#seen.set(key, occurrence);
    return occurrence;
  }
}

/** On Ctrl-C: what is stored stays, and the same command goes on. */
function explainInterrupt(file: string, beforehand: () => void): () => void {
  const onInterrupt = () => {
    beforehand();
    process.stderr.write(
      `\nStopped. What was imported is stored; run the same command again to go on with ${file}.\n`,
      () => process.exit(130),
    );
  };
  process.once('SIGINT', onInterrupt);
  return () => process.off('SIGINT', onInterrupt);
}
