import type { Command } from 'commander';
import { readTexts } from '../../input.ts';
import { printJson } from '../../output/terminal.ts';
import { addVerb, onRun } from '../../verb.ts';
import { addTextOptions, type TextOptions, textInput } from './options.ts';
import { showStream } from './showStream.ts';

type Options = TextOptions & { question?: string };

export function addAiAnalyze(ai: Command): void {
  const command = addVerb(ai, {
    usage: 'analyze [CONTENT]',
    summary: 'let a model look at a content: to it that is data, no instruction',
    details: 'CONTENT may be piped in.',
    examples: [['turnkeep ai analyze --question "What went wrong?" < build.log', 'look at a log']],
  });
  addTextOptions(command).option('-q, --question <TEXT>', 'what to find out');
  onRun<Options>(command, async (args, cli, { question, ...options }) => {
    const [content = ''] = await readTexts(args, ['CONTENT']);
    const asked = question === undefined ? {} : { question };
    const input = { ...textInput(options), ...asked, content };
    if (cli.json) return printJson(await cli.client.request('analyze', input));
    await showStream(await cli.client.events('analyzeStream', input));
  });
}
