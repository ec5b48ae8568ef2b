import { createHash } from 'node:crypto';
import type { MessageLine } from '../../../contracts/conversations.ts';
import { messageLineSchema } from '../../../contracts/conversations.ts';
import type { FieldError } from '../../../contracts/errors.ts';
import type { Cli } from '../../cli.ts';
import { PartialFailure } from '../../failure.ts';
import { inputSize, readJsonLines } from '../../jsonLines.ts';
import { progress } from '../../output/progress.ts';
import { print, printJson } from '../../output/terminal.ts';
import { bytes, count } from '../../output/text.ts';

const LINES_PER_CALL = 1000;
const BYTES_PER_CALL = 8 * 1024 * 1024;

type Outcome = { imported: number; skipped: number; rejected: number };

/** Stores the lines of a Turnkeep JSONL file (`-` is standard input), and tells the outcome. */
export async function importLines(cli: Cli, file: string): Promise<void> {
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
}

async function importFile(cli: Cli, file: string, problems: FieldError[]): Promise<Outcome> {
  const outcome: Outcome = { imported: 0, skipped: 0, rejected: 0 };
  const total = await inputSize(file);
  const bar = progress('Importing', total, bytes);
  const stopListening = explainInterrupt(file, bar.stop);
  const occurrences = new Occurrences();
  const sender = new Sender(cli, outcome, bar.advance);
  try {
    let batch: Batch = { lines: [], size: 0, end: 0 };
    for await (const line of readJsonLines(file, messageLineSchema)) {
      batch.end = line.end;
      if (line.ok) {
        batch.lines.push({ ...line.value, occurrence: occurrences.next(line.value) });
        batch.size += line.size;
      } else {
        outcome.rejected += 1;
        problems.push({ path: `${file}:${line.number}`, message: line.problem });
      }
      if (batch.lines.length < LINES_PER_CALL && batch.size < BYTES_PER_CALL) continue;
      await sender.send(batch);
      batch = { lines: [], size: 0, end: line.end };
    }
    await sender.send(batch);
    await sender.done();
    bar.advance(total);
  } finally {
    bar.stop();
    stopListening();
  }
  return outcome;
}

type Batch = {
  lines: (MessageLine & { occurrence: number })[];
  /** Bytes of the lines. */
  size: number;
  /** Bytes of the file up to here. */
  end: number;
};

/**
 * Sends batches one after the other, as their order is that of the messages; while one is under way
 * the next is read.
 */
class Sender {
  readonly #cli: Cli;
  readonly #outcome: Outcome;
  readonly #advance: (end: number) => void;
  #underWay: Promise<void> = Promise.resolve();

  constructor(cli: Cli, outcome: Outcome, advance: (end: number) => void) {
    this.#cli = cli;
    this.#outcome = outcome;
    this.#advance = advance;
  }

  /** Resolves when the batch before has been stored; throws what went wrong with it. */
  async send(batch: Batch): Promise<void> {
    await this.#underWay;
    if (batch.lines.length === 0) return;
    this.#underWay = this.#call(batch);
    // It is told when the next one is sent, or at the end.
    this.#underWay.catch(() => {});
  }

  /** Resolves when everything has been stored. */
  done(): Promise<void> {
    return this.#underWay;
  }

  async #call({ lines, end }: Batch): Promise<void> {
    const project = this.#cli.project ? { project: this.#cli.project } : {};
    const stored = await this.#cli.client.call('import_messages', { lines, ...project });
    this.#outcome.imported += stored.imported;
    this.#outcome.skipped += stored.skipped;
    this.#advance(end);
  }
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
