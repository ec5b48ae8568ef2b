import { isAbsolute, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { followEvaluation } from '../../../client/followEvaluation.ts';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { MAX_EVALUATION_SECONDS } from '../../../contracts/evaluationTools.ts';
import type { Cli } from '../../cli.ts';
import { wholeNumber } from '../../numbers.ts';
import { notice, print, printJson } from '../../output/terminal.ts';
import { oneLine } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';
import { tellRun } from './tell.ts';

type Options = { config?: string; questions?: string; timeout?: number; background?: boolean };

export function addEvalRun(group: Command): void {
  const command = addVerb(group, {
    usage: 'run [SCRIPT]',
    summary: 'run an evaluation and compare it with the one before',
    details:
      'SCRIPT is a file of this project, in a trusted folder (turnkeep trust): .mjs, .js, .cjs, .py, .sh or\nan executable. It prints its metrics as lines "name: value" or as a line of JSON. Exit code 1 when\nit fails or a metric got worse. With --questions the built-in evaluation asks the memory.',
    examples: [
      ['turnkeep eval run eval/precision.py --config eval/.env', 'a script with its variables'],
      ['turnkeep eval run --questions eval/questions.jsonl', 'how well stored turns are found'],
    ],
  });
  command
    .option('--config <FILE>', 'an env file for the script')
    .option('--questions <FILE>', 'JSONL of {"question", "expected": [ids], "project"?}')
    .option('--timeout <SECONDS>', 'end it after so long', wholeNumber(1, MAX_EVALUATION_SECONDS))
    .option('--background', 'print the job and do not wait');
  onRun<Options>(command, async ([script], cli, options) => {
    const input = {
      ...inputOf(cli, script, options),
      ...(options.timeout === undefined ? {} : { timeout_sec: options.timeout }),
    };
    if (options.background) {
      const begun = await cli.client.call('run_precision_eval', { ...input, async: true });
      return cli.json ? printJson(begun) : print(begun.job_id);
    }
    const interrupt = new AbortController();
    const onInterrupt = () => interrupt.abort();
    process.once('SIGINT', onInterrupt);
    const tell = cli.json ? undefined : (line: string) => void notice(oneLine(line, 200));
    try {
      const how = { signal: interrupt.signal, tell };
      await tellRun(await followEvaluation(cli.client, input, how), cli.json);
    } finally {
      process.off('SIGINT', onInterrupt);
    }
    if (interrupt.signal.aborted) process.exitCode = 130;
  });
}

/** Places are those of the project, whichever of its folders one stands in. */
function inputOf(cli: Cli, script: string | undefined, { config, questions }: Options) {
  if ((script === undefined) === (questions === undefined)) {
    throw new TurnkeepError('usage', 'Give a SCRIPT, or --questions FILE.');
  }
  if (questions !== undefined && config !== undefined) {
    throw new TurnkeepError('usage', '--config goes with a SCRIPT.');
  }
  const place = (file: string) => {
    const root = cli.context.project?.root;
    if (root === undefined) return file;
    const inside = relative(root, resolve(file));
    if (inside.split(/[\\/]/)[0] !== '..' && !isAbsolute(inside)) return inside || file;
    throw new TurnkeepError(
      'usage',
      `${oneLine(file, 200)} is not in the project's folder, ${root}.`,
    );
  };
  const file = config ?? questions;
  return {
    ...(script === undefined ? {} : { script: place(script) }),
    ...(file === undefined ? {} : { config_file: place(file) }),
  };
}
