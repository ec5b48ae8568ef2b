import type { Command } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { readTexts } from '../../input.ts';
import { print, printJson } from '../../output/terminal.ts';
import { harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';
import { addCallOptions, callInput } from './options.ts';

type Options = Parameters<typeof callInput>[0] & { label?: string[]; multiple?: boolean };

export function addAiClassify(ai: Command): void {
  const command = addVerb(ai, {
    usage: 'classify [CONTENT]',
    summary: 'let a model choose among labels',
    details: 'CONTENT may be piped in. Each label that it has is a line.',
    examples: [['turnkeep ai classify "It crashes." --label bug question praise', 'one of three']],
  });
  addCallOptions(command)
    .option('-l, --label <NAME...>', 'the labels')
    .option('--multiple', 'any number of them, also none');
  onRun<Options>(command, async (args, cli, { label = [], multiple = false, ...options }) => {
    if (label.length < 2) throw new TurnkeepError('usage', 'Give two labels at least: --label A B');
    const [content = ''] = await readTexts(args, ['CONTENT']);
    const input = { ...callInput(options), content, labels: label, multiple };
    const answer = await cli.client.request('classify', input);
    if (cli.json) return printJson(answer);
    for (const name of answer.labels) await print(harmless(name));
  });
}
