import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { CaptureSettings } from '../../contracts/capture.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import { AGENTS, type Agent } from '../../contracts/observed.ts';
import { oneMoreAgent, oneMoreText } from '../agents.ts';
import type { Cli } from '../cli.ts';
import { pairs, print, printJson } from '../output/terminal.ts';
import { harmless } from '../output/text.ts';
import { addVerb, onRun } from '../verb.ts';

type Exclude = CaptureSettings['exclude'];
type Options = { agent?: Agent[]; folder?: string[] };

export function addExclude(capture: Command): void {
  const command = addVerb(capture, {
    usage: 'exclude',
    summary: 'never store what is said in these folders, projects or agents',
    details:
      'With --project NAME the project, by name or key. Without any option: what is excluded.\nIt holds from now on; "turnkeep delete" removes what was stored before.',
    examples: [
      ['turnkeep capture exclude --folder ~/clients', 'a folder and all below it'],
      ['turnkeep capture exclude --agent gemini-cli', 'an agent'],
    ],
  });
  withOptions(command);
  onRun<Options>(command, async (_args, cli, options) => {
    const given = givenBy(cli, options);
    const { settings } = await cli.client.call('get_capture_settings', {});
    if (isEmpty(given)) return tell(cli, settings.exclude);
    await change(
      cli,
      eachOf((part) => [...new Set([...settings.exclude[part], ...given[part]])]),
    );
  });
}

export function addInclude(capture: Command): void {
  const command = addVerb(capture, {
    usage: 'include',
    summary: 'take exclusions back',
    examples: [['turnkeep capture include --folder ~/clients', 'store what is said there again']],
  });
  withOptions(command);
  onRun<Options>(command, async (_args, cli, options) => {
    const given = givenBy(cli, options);
    if (isEmpty(given)) {
      throw new TurnkeepError('usage', 'Say what to include: --agent, --folder or --project.');
    }
    const { settings } = await cli.client.call('get_capture_settings', {});
    await change(
      cli,
      eachOf((part) => settings.exclude[part].filter((name) => !given[part].includes(name))),
    );
  });
}

function withOptions(command: Command): void {
  const agent = new Option('--agent <AGENT>', 'this agent (may be repeated)');
  command
    .addOption(agent.choices(AGENTS).argParser(oneMoreAgent))
    .option('--folder <PATH>', 'this folder and what is below it (may be repeated)', oneMoreText);
}

type Names = Record<keyof Exclude, string[]>;

function givenBy(cli: Cli, { agent = [], folder = [] }: Options): Names {
  return {
    agents: agent,
    folders: folder.map((path) => resolve(path)),
    projects: cli.project === undefined ? [] : [cli.project],
  };
}

function isEmpty({ agents, folders, projects }: Names): boolean {
  return agents.length + folders.length + projects.length === 0;
}

function eachOf(names: (part: keyof Exclude) => string[]): Names {
  return { agents: names('agents'), folders: names('folders'), projects: names('projects') };
}

async function change(cli: Cli, { agents, ...rest }: Names): Promise<void> {
  const exclude = { ...rest, agents: AGENTS.filter((agent) => agents.includes(agent)) };
  const { settings } = await cli.client.call('set_capture_settings', { exclude });
  await tell(cli, settings.exclude);
}

async function tell(cli: Cli, exclude: Exclude): Promise<void> {
  if (cli.json) return printJson({ exclude });
  const rows = Object.entries(exclude).flatMap(([part, names]): [string, string][] =>
    names.map((name) => [part.replace(/s$/, ''), harmless(name)]),
  );
  await print(rows.length === 0 ? 'Nothing is excluded.' : `Excluded:\n${pairs(rows)}`);
}
