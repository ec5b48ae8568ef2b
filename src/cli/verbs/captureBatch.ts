import type { Command } from 'commander';
import { captureOrSpool } from '../../client/capture.ts';
import { type BatchTurn, batchTurnSchema } from '../../contracts/conversations.ts';
import type { FieldError } from '../../contracts/errors.ts';
import type { Cli } from '../cli.ts';
import { PartialFailure } from '../failure.ts';
import { inputSize, readJsonLines } from '../jsonLines.ts';
import { progress } from '../output/progress.ts';
import { notice, print, printJson } from '../output/terminal.ts';
import { bytes, count } from '../output/text.ts';
import { addVerb, onRun } from '../verb.ts';

const TURNS_PER_CALL = 200;
const BYTES_PER_CALL = 8 * 1024 * 1024;

type Outcome = {
  captured: number;
  spooled: number;
  rejected: number;
  session_id: string | null;
  thread_id: string | null;
};

export function addCaptureBatch(program: Command): void {
  const command = addVerb(program, {
    usage: 'capture-batch <FILE>',
    summary: 'keep many turns from a JSONL file',
    details:
      'A line is {"query":"…","response":"…","metadata"?:{…}}. "-" reads standard input.\nA bad line is named and left out; the others are kept.',
    examples: [['turnkeep capture-batch turns.jsonl', 'every turn of a file']],
  });
  onRun(command, async ([file = ''], cli) => {
    const problems: FieldError[] = [];
    const outcome = await captureFile(cli, file, problems);
    if (cli.json) await printJson(outcome);
    else await tell(outcome);
    if (problems.length > 0) {
      const lines = count(problems.length, 'line was', 'lines were');
      throw new PartialFailure(`${lines} left out.`, problems);
    }
  });
}

async function captureFile(cli: Cli, file: string, problems: FieldError[]): Promise<Outcome> {
  const outcome: Outcome = {
    captured: 0,
    spooled: 0,
    rejected: 0,
    session_id: null,
    thread_id: null,
  };
  const total = await inputSize(file);
  const bar = progress('Capturing', total, bytes);
  let turns: BatchTurn[] = [];
  let size = 0;
  const flush = async () => {
    if (turns.length === 0) return;
    const target = { home: cli.home, client: cli.client, context: cli.context };
    const kept = await captureOrSpool(target, 'capture_turns', { turns });
    if (kept.spooled) outcome.spooled += turns.length;
    else {
      const { captured, session_id, thread_id } = kept.output;
      outcome.captured += captured;
      Object.assign(outcome, { session_id, thread_id });
    }
    turns = [];
    size = 0;
  };
  try {
    for await (const line of readJsonLines(file, batchTurnSchema)) {
      if (line.ok) {
        turns.push(line.value);
        size += line.size;
      } else {
        outcome.rejected += 1;
        problems.push({ path: `${file}:${line.number}`, message: line.problem });
      }
      if (turns.length < TURNS_PER_CALL && size < BYTES_PER_CALL) continue;
      await flush();
      bar.advance(line.end);
    }
    await flush();
    bar.advance(total);
  } finally {
    bar.stop();
  }
  return outcome;
}

async function tell({ captured, spooled }: Outcome): Promise<void> {
  await print(`Captured ${count(captured, 'turn')}.`);
  if (spooled === 0) return;
  await notice(
    `No server could take ${count(spooled, 'turn')}: they are kept in the spool and arrive when a server runs again.`,
  );
}
