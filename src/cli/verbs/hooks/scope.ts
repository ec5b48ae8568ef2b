import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import {
  foundHookAgents,
  HOOK_AGENTS,
  type HookAgent,
  type HookPlaces,
  type HookScope,
} from '../../../client/hooks/targets.ts';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { type Cli, cliPath } from '../../cli.ts';

export type HookOptions = { agent?: string[]; user?: boolean; project?: string; yes?: boolean };

/** The hook program that was built with this command line. */
export const hookSource = join(dirname(cliPath), 'hook.mjs');

/** The options that say whose hooks, and where. */
export function addHookOptions(command: Command): Command {
  return command
    .option('--agent <NAME...>', `of these agents: ${HOOK_AGENTS.join(', ')}`)
    .option('--user', 'for all that you do on this machine (default)');
}

/** What the help says of `--project`, which every verb has. */
export const PROJECT_HELP =
  '--project without a name: in this folder alone. Without --agent: the agents found here.';

/**
 * For the verbs of hooks `--project` may stand alone and then means this folder: a name is put
 * after it, which the option of all verbs needs.
 */
export function withProjectHere(argv: string[]): string[] {
  const verb = argv.find((argument) => !argument.startsWith('-'));
  if (verb !== 'hooks') return argv;
  return argv.flatMap((argument, index) => {
    const next = argv[index + 1];
    const isBare = argument === '--project' && (next === undefined || next.startsWith('-'));
    return isBare ? [argument, '.'] : [argument];
  });
}

/** Where things are on this machine, and in the project of the call. */
export function hookPlaces(cli: Cli): HookPlaces {
  return {
    home: cli.home,
    homeDir: homedir(),
    root: cli.context.project?.root ?? process.cwd(),
    platform: process.platform,
    env: process.env,
  };
}

/** The scope that was asked for; null when none was. Throws `usage` for both. */
export function givenScope({ user, project }: HookOptions): HookScope | null {
  if (user && project !== undefined) {
    throw new TurnkeepError('usage', 'Give --user or --project, not both.');
  }
  if (project !== undefined) return 'project';
  return user ? 'user' : null;
}

/** The agents that were asked for; undefined when none was. Throws `usage` for an unknown one. */
export function givenAgents({ agent }: HookOptions): HookAgent[] | undefined {
  return agent?.map((name) => {
    const known = HOOK_AGENTS.find((one) => one === name);
    if (known) return known;
    throw new TurnkeepError('usage', `There is no agent "${name}": ${HOOK_AGENTS.join(', ')}.`);
  });
}

/** The agents that were asked for, else those found here. Throws `usage` when there are none. */
export function chosenAgents(options: HookOptions, places: HookPlaces): HookAgent[] {
  const agents = givenAgents(options) ?? foundHookAgents(places);
  if (agents.length > 0) return agents;
  throw new TurnkeepError('usage', 'No agent was found on this machine: name one with --agent.');
}
