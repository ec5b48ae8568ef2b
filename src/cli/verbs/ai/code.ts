import type { Command } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { readStdin, stdinIsPiped } from '../../input.ts';
import { print, printJson } from '../../output/terminal.ts';
import { harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';
import { addTextOptions, type TextOptions, textInput } from './options.ts';

type Options = TextOptions & { language?: string };

export function addAiCode(ai: Command): void {
  const command = addVerb(ai, {
    usage: 'code <INSTRUCTION>',
    summary: 'let a model write code, or change what is piped in',
    details: 'Only the code is printed.',
    examples: [
      ['turnkeep ai code "Reverse a string." --language TypeScript', 'code from nothing'],
      ['turnkeep ai code "Add types." < a.js > a.ts', 'change a file'],
    ],
  });
  addTextOptions(command).option('--language <NAME>', 'the language to write in');
  onRun<Options>(command, async ([instruction], cli, { language, ...options }) => {
    if (!instruction) throw new TurnkeepError('usage', 'INSTRUCTION is missing.');
    const code = stdinIsPiped() ? await readStdin() : undefined;
    const answer = await cli.client.request('generateCode', {
      ...{ ...textInput(options), instruction },
      ...(language === undefined ? {} : { language }),
      ...(code === undefined ? {} : { code }),
    });
    if (cli.json) return printJson(answer);
    await print(harmless(answer.code));
  });
}
