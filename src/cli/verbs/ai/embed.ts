import type { Command } from 'commander';
import { readStdin } from '../../input.ts';
import { print, printJson } from '../../output/terminal.ts';
import { addVerb, onRun } from '../../verb.ts';
import { addCallOptions, callInput } from './options.ts';

type Options = Parameters<typeof callInput>[0];

export function addAiEmbed(ai: Command): void {
  const command = addVerb(ai, {
    usage: 'embed [TEXT...]',
    summary: 'vectors of texts, a line of JSON each',
    details: 'Without a TEXT each line of standard input is one.',
    examples: [['turnkeep ai embed -m nomic-embed-text "a text" "another"', 'two vectors']],
  });
  addCallOptions(command);
  onRun<Options>(command, async (args, cli, options) => {
    const given = args.filter((text) => text !== undefined);
    const lines = given.length > 0 ? given : (await readStdin()).split(/\r?\n/);
    const texts = lines.filter((text) => text !== '');
    const answer = await cli.client.request('embed', { ...callInput(options), texts });
    if (cli.json) return printJson(answer);
    for (const vector of answer.embeddings) await print(JSON.stringify(vector));
  });
}
