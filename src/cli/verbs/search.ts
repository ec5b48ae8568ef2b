import type { Command } from 'commander';
import type { EmbeddingUse } from '../../contracts/memory.ts';
import {
  addFilterOptions,
  type FilterOptions,
  filterOf,
  questionOf,
  scopeOf,
  speakerOption,
} from '../memoryOptions.ts';
import { wholeNumber } from '../numbers.ts';
import { found } from '../output/found.ts';
import { painter, print, printJson } from '../output/terminal.ts';
import { harmless } from '../output/text.ts';
import { addVerb, onRun } from '../verb.ts';

type Options = FilterOptions & { limit?: number; explain?: boolean };

export function addSearch(program: Command): void {
  const command = addVerb(program, {
    usage: 'search <QUERY...>',
    summary: 'find stored turns by what was said',
    details: 'Looks in the project of this folder; --project NAME in another, --all in every one.',
    examples: [
      ['turnkeep search "project status"', "in this folder's project"],
      ['turnkeep search --all --limit 3 cache expiry', 'the three best of all projects'],
      ['turnkeep search --since 2w --role assistant --explain backups', 'and why they were found'],
    ],
  });
  addFilterOptions(command)
    .addOption(speakerOption)
    .option('--limit <N>', 'at most so many, 1 to 100', wholeNumber(1, 100))
    .option('--explain', 'show what each score is made of');
  onRun<Options>(command, async (words, cli, options) => {
    const query = questionOf(words);
    const scope = scopeOf(cli, options.all);
    const { filter } = filterOf(options);
    const answer = await cli.client.call('query_memory', {
      query,
      systems: ['ltst'],
      ...scope,
      ...(filter ? { filter } : {}),
      ...(options.limit ? { limit: options.limit } : {}),
      ...(options.explain ? { explain: true } : {}),
    });
    if (cli.json) return printJson(answer);
    const items = answer.ltst?.items ?? [];
    const without = withoutEmbedding(answer.ltst?.embedding);
    if (items.length === 0) {
      const where = options.all ? 'any project' : `project ${harmless(answer.project)}`;
      const hint = filter ? ' Try it without the filters.' : options.all ? '' : ' Try --all.';
      return print([`Nothing stored in ${where} matches.${hint}`, ...without].join('\n'));
    }
    const paint = painter(process.stdout);
    const halves = answer.ltst?.other_halves ?? [];
    const half = (turn: string) => halves.find(({ turn_id }) => turn_id === turn);
    const rows = items.map((item) => found(item, half(item.turn_id), query, paint));
    await print([...rows, ...without].join('\n\n'));
  });
}

/** Says why the embedding model that is switched on had no part in a search. */
function withoutEmbedding(use: EmbeddingUse | undefined): string[] {
  if (!use || use.error === null) return [];
  return [harmless(`Without the embeddings of ${use.model}: ${use.error}`)];
}
