import type { Command } from 'commander';
import { readTexts } from '../../input.ts';
import { printJson } from '../../output/terminal.ts';
import { addVerb, onRun } from '../../verb.ts';
import { addTextOptions, type TextOptions, textInput } from './options.ts';
import { showStream } from './showStream.ts';

export function addAiChat(ai: Command): void {
  const command = addVerb(ai, {
    usage: 'chat [TEXT]',
    summary: 'ask a model, and see the answer as it is written',
    details: 'TEXT may be piped in. With --json the answer comes as a whole, with what it took.',
    examples: [
      ['turnkeep ai chat -m fast "What is a mutex?"', 'ask the model that has this alias'],
      [
        'git diff | turnkeep ai chat --system "Write a commit message."',
        'ask about what is piped in',
      ],
    ],
  });
  addTextOptions(command);
  onRun<TextOptions>(command, async (args, cli, options) => {
    const [prompt = ''] = await readTexts(args, ['TEXT']);
    const input = { ...textInput(options), prompt };
    if (cli.json) return printJson(await cli.client.request('generate', input));
    await showStream(await cli.client.events('generateStream', input));
  });
}
