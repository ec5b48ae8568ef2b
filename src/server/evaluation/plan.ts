import { parse } from 'dotenv';
import type { CallContext } from '../../contracts/context.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { ToolArguments } from '../../contracts/tools.ts';
import { fileInside, projectRoot, readStart } from '../files/service.ts';
import type { Trust } from '../trust/service.ts';
import { commandOf } from './interpreter.ts';
import { type Question, readQuestions } from './retrieval.ts';

const MAX_ENV_BYTES = 256 * 1024;
const MAX_QUESTION_BYTES = 16 * 1024 * 1024;

export type ScriptPlan = {
  kind: 'script';
  script: string;
  config_file: string | null;
  command: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
};
export type RetrievalPlan = {
  kind: 'retrieval';
  script: null;
  config_file: string;
  questions: Question[];
};

type Asked = Pick<ToolArguments<'run_precision_eval'>, 'script' | 'config_file'>;

/**
 * What is to be done: a script of the project, or questions to the memory.
 * @throws TurnkeepError `refused` in a folder that is not trusted; `invalid_request` or `not_found`
 *   for what is named.
 */
export async function planOf(
  asked: Asked,
  context: CallContext,
  { trust, home }: { trust: Trust; home: string },
): Promise<ScriptPlan | RetrievalPlan> {
  const { script, config_file } = asked;
  const root = await projectRoot(context, home);
  if (script !== undefined) {
    await trust.require(root);
    const program = await fileInside(root, script, 'script');
    const config =
      config_file === undefined ? null : await textIn(root, config_file, MAX_ENV_BYTES);
    const { command, args, env } = commandOf(program.path);
    return {
      ...{ kind: 'script', script: program.place, config_file: config?.place ?? null },
      ...{ command, args, cwd: root },
      env: { ...env, ...environmentOf(config?.text ?? '') },
    };
  }
  if (config_file !== undefined) {
    const { place, text } = await textIn(root, config_file, MAX_QUESTION_BYTES);
    return { kind: 'retrieval', script: null, config_file: place, questions: readQuestions(text) };
  }
  throw new TurnkeepError(
    'invalid_request',
    'Give `script`, or as `config_file` a JSONL of questions for the built-in evaluation.',
    { fields: [{ path: 'script', message: 'Nothing to run.' }] },
  );
}

async function textIn(root: string, given: string, maxBytes: number) {
  const { path, place } = await fileInside(root, given, 'config_file');
  const { bytes, size } = await readStart(path, maxBytes);
  if (size > maxBytes) {
    throw new TurnkeepError('invalid_request', `${place} has more than ${maxBytes / 1024} KiB.`, {
      fields: [{ path: 'config_file', message: 'Too large.' }],
    });
  }
  return { place, text: bytes.toString('utf8') };
}

/** The variables of an env file, those that a system can hold. */
function environmentOf(text: string): Record<string, string> {
  const entries = Object.entries(parse(text)).filter(([, value]) => !value.includes('\0'));
  return Object.fromEntries(entries);
}
