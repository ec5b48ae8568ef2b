import type { Command } from 'commander';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { MemoryItem } from '../../contracts/memory.ts';
import { wholeNumber } from '../numbers.ts';
import { excerpt, markTerms } from '../output/excerpt.ts';
import { painter, print, printJson, type Style } from '../output/terminal.ts';
import { harmless, localTime } from '../output/text.ts';
import { addVerb, onRun } from '../verb.ts';

type Options = { all?: boolean; limit?: number };

export function addSearch(program: Command): void {
  const command = addVerb(program, {
    usage: 'search <QUERY...>',
    summary: 'find stored turns by what was said',
    details: 'Looks in the project of this folder; --project NAME in another, --all in every one.',
    examples: [
      ['turnkeep search "project status"', "in this folder's project"],
      ['turnkeep search --all --limit 3 cache expiry', 'the three best of all projects'],
    ],
  });
  command
    .option('--all', 'look in all projects')
    .option('--limit <N>', 'at most so many, 1 to 100', wholeNumber(1, 100));
  onRun<Options>(command, async (words, cli, { all, limit }) => {
    if (all && cli.project) {
      throw new TurnkeepError('usage', 'Give either --all or --project, not both.');
    }
    const query = words.join(' ').trim();
    if (query === '') throw new TurnkeepError('usage', 'QUERY is empty: say what to look for.');
    const project = all ? '*' : cli.project;
    const answer = await cli.client.call('query_memory', {
      query,
      systems: ['ltst'],
      ...(project ? { project } : {}),
      ...(limit ? { limit } : {}),
    });
    if (cli.json) return printJson(answer);
    const items = answer.ltst?.items ?? [];
    if (items.length === 0) {
      const where = all ? 'any project' : `project ${harmless(answer.project)}`;
      return print(`Nothing stored in ${where} matches.${all ? '' : ' Try --all.'}`);
    }
    const paint = painter(process.stdout);
    await print(items.map((item) => found(item, query, paint)).join('\n\n'));
  });
}

function found(item: MemoryItem, query: string, paint: (style: Style, text: string) => string) {
  const who = item.role === 'user' ? 'user' : 'assistant';
  const head = `${paint('cyan', localTime(item.created_at))}  ${paint('bold', who)}  ${harmless(item.project)}`;
  const lines = excerpt(item.content, query, 400).split('\n');
  const body = lines.map((line) => `  ${markTerms(line, query, (text) => paint('yellow', text))}`);
  return [`${head}  ${paint('dim', `turn ${item.turn_id}`)}`, ...body].join('\n');
}
