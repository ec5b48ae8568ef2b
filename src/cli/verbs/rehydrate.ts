import { type Command, Option } from 'commander';
import { ALL_SYSTEMS } from '../../client/memory.ts';
import { type MemoryRole, type MemorySystem, memoryRoleSchema } from '../../contracts/memory.ts';
import { readStdin } from '../input.ts';
import {
  addFilterOptions,
  type FilterOptions,
  filterOf,
  questionOf,
  scopeOf,
  systemsOf,
} from '../memoryOptions.ts';
import { wholeNumber } from '../numbers.ts';
import { memoryCounts } from '../output/memoryCounts.ts';
import { notice, painter, print, printJson } from '../output/terminal.ts';
import { harmless } from '../output/text.ts';
import { addVerb, onRun } from '../verb.ts';

type Options = Omit<FilterOptions, 'role'> & {
  systems: MemorySystem[];
  role?: MemoryRole;
  maxTokens?: number;
  limit?: number;
};

export function addRehydrate(program: Command): void {
  const command = addVerb(program, {
    usage: 'rehydrate <QUERY...>',
    summary: 'print what is stored about a question, for an AI to read',
    details:
      'Systems: ltst finds turns, cursor says where the work stands, cli gives the latest turns, prime the decisions, goals, open questions and next actions.\nQUERY may be "-" for standard input.',
    examples: [
      ['turnkeep rehydrate "where does the release stand?" | my-agent', 'context for an agent'],
      ['turnkeep rehydrate --systems ltst,prime --role planner "what is next?"', 'for planning'],
    ],
  });
  addFilterOptions(command)
    .addOption(
      new Option('--systems <LIST>', 'some of ltst,cursor,cli,prime')
        .argParser(systemsOf)
        .default(ALL_SYSTEMS, 'all'),
    )
    .addOption(
      new Option('--role <ROLE>', 'who asks: changes what comes first').choices(
        memoryRoleSchema.options,
      ),
    )
    .option('--max-tokens <N>', 'the most that is printed', wholeNumber(50, 200_000))
    .option('--limit <N>', 'at most so many of each system, 1 to 100', wholeNumber(1, 100));
  onRun<Options>(command, async (words, cli, { role, systems, maxTokens, limit, ...options }) => {
    const scope = scopeOf(cli, options.all);
    const filter = filterOf(options);
    const isPiped = words.length === 1 && words[0] === '-';
    const query = questionOf(isPiped ? [await readStdin()] : words);
    const answer = await cli.client.call('query_memory', {
      query,
      systems,
      ...scope,
      ...filter,
      ...(role ? { role } : {}),
      ...(maxTokens ? { max_tokens: maxTokens } : {}),
      ...(limit ? { limit } : {}),
    });
    if (cli.json) return printJson(answer);
    if (answer.bundle === '') {
      const where = options.all ? 'any project' : `project ${harmless(answer.project)}`;
      return notice(`Nothing stored in ${where} belongs to this question.`);
    }
    // What goes into a file or a pipe is verbatim; a terminal must not obey what is stored.
    await print(process.stdout.isTTY ? harmless(answer.bundle) : answer.bundle);
    if (process.stderr.isTTY) {
      await notice(painter(process.stderr)('dim', memoryCounts(answer)));
    }
  });
}
