import { type Command, InvalidArgumentError, Option } from 'commander';
import { TurnkeepError } from '../contracts/errors.ts';
import { type MemoryFilter, type MemorySystem, memorySystemSchema } from '../contracts/memory.ts';
import type { Cli } from './cli.ts';
import { moment } from './dates.ts';

/** Options of the verbs that ask the memory. */
export type FilterOptions = {
  all?: boolean;
  session?: string;
  role?: string;
  model?: string;
  agent?: string;
  provenance?: string;
  since?: string;
  until?: string;
};

/** Adds the options that say which messages may be found. */
export function addFilterOptions(command: Command): Command {
  return command
    .option('--all', 'look in all projects')
    .option('--session <ID>', 'only in this session')
    .option('--model <NAME>', 'only of this model')
    .option('--agent <NAME>', 'only of this agent or editor')
    .option(
      '--provenance <NAME>',
      'only what came this way: hook, transcript, store, tool, manual, import',
    )
    .option('--since <WHEN>', 'from then on: a date, a time, or 12h, 7d, 2w ago', (text) =>
      moment(text),
    )
    .option('--until <WHEN>', 'up to then, a date included', (text) => moment(text, { end: true }));
}

/** Who said it, for verbs whose `--role` means that. */
export const speakerOption = new Option('--role <ROLE>', 'only what they said').choices([
  'user',
  'assistant',
]);

/** The filter that the options stand for; nothing when none is given. */
export function filterOf(options: FilterOptions): { filter?: MemoryFilter } {
  const { session, role, model, agent, provenance, since, until } = options;
  if (since && until && since > until) {
    throw new TurnkeepError('usage', '--since is later than --until: nothing lies between them.');
  }
  const filter: MemoryFilter = {
    ...(session ? { session_id: session } : {}),
    ...(role === 'user' || role === 'assistant' ? { message_role: role } : {}),
    ...(model ? { model } : {}),
    ...(agent ? { agent } : {}),
    ...(provenance ? { provenance } : {}),
    ...(since ? { since } : {}),
    ...(until ? { until } : {}),
  };
  return Object.keys(filter).length > 0 ? { filter } : {};
}

/** The project to ask: that of `--project`, all of them, else (nothing) that of the folder. */
export function scopeOf(cli: Cli, all: boolean | undefined): { project?: string } {
  if (all && cli.project) {
    throw new TurnkeepError('usage', 'Give either --all or --project, not both.');
  }
  const project = all ? '*' : cli.project;
  return project ? { project } : {};
}

/** The words of a question as one text. Throws `usage` when there are none. */
export function questionOf(words: (string | undefined)[]): string {
  const query = words.join(' ').trim();
  if (query === '') throw new TurnkeepError('usage', 'QUERY is empty: say what to look for.');
  return query;
}

/** Names of memory systems between commas; `go_cli` is another name of `cli`. */
export function systemsOf(text: string): MemorySystem[] {
  const known = memorySystemSchema.options;
  const names = text.split(',').map((name) => name.trim().toLowerCase());
  const systems = names.map((name) => {
    const system = known.find((one) => one === (name === 'go_cli' ? 'cli' : name));
    if (system) return system;
    throw new InvalidArgumentError(
      `There is no system "${name}". Give some of ${known.join(', ')} (go_cli is cli), with commas between them.`,
    );
  });
  return [...new Set(systems)];
}
