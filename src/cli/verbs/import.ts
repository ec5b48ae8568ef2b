import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { TurnkeepError } from '../../contracts/errors.ts';
import { AGENTS } from '../../contracts/observed.ts';
import { oneMoreAgent, oneMoreText } from '../agents.ts';
import { addVerb, onRun } from '../verb.ts';
import { type HistoryOptions, importFound, importNamed } from './import/history.ts';
import { importLines } from './import/lines.ts';
import { isTurnkeepFile } from './import/sniff.ts';

type Options = HistoryOptions & { yes?: boolean };

export function addImport(program: Command): void {
  const command = addVerb(program, {
    usage: 'import <FILE>',
    summary: 'bring in conversations: a file, a folder, or what is on this machine (auto)',
    details:
      'FILE is Turnkeep\'s own JSONL, or a transcript, session or store of another program; of a folder, everything in it that is known. "auto" looks where Cursor, Claude Code, VS Code, Copilot CLI, Codex, Gemini CLI and SpecStory keep theirs, shows what is there and asks.\n\nA line of JSONL is one message: {"session","thread"?,"project"?,"role":"user"|"assistant","content","created_at"?,"model"?,"metadata"?}. --project is the project of what names none. What is stored already is skipped: run it again to go on after a stop. "-" reads standard input.',
    examples: [
      ['turnkeep import auto', 'what other programs keep on this machine, after a question'],
      ['turnkeep import auto --agent cursor --watch --yes', 'all of Cursor, now and from now on'],
      ['turnkeep import chat.jsonl --project website', 'a file into one project'],
      ['turnkeep export | ssh other turnkeep import -', 'everything, to another machine'],
    ],
  });
  const agent = new Option('--agent <AGENT>', 'only this agent (may be repeated)');
  command
    .addOption(agent.choices(AGENTS).argParser(oneMoreAgent))
    .option('--only-project <NAME>', 'only this project (may be repeated)', oneMoreText)
    .option('--watch', 'keep these agents up to date from now on')
    .option('--again', 'also what was deleted before')
    .option('--yes', 'do not ask');
  onRun<Options>(command, async ([file = ''], cli, options) => {
    checkOptions(options);
    if (file === 'auto') return importFound(cli, options, options.yes === true);
    if (file === '-' || (await isOwnFile(file))) {
      refuseHistoryOptions(options);
      return importLines(cli, file);
    }
    await importNamed(cli, resolve(file), options);
  });
}

function checkOptions({ watch, onlyProject }: Options): void {
  if (!watch || !onlyProject) return;
  throw new TurnkeepError(
    'usage',
    'An agent is watched with all of its projects: leave out --only-project, and exclude the others with "turnkeep capture exclude --project NAME".',
  );
}

/** Messages of Turnkeep's JSONL name no agent, and come back whatever was deleted. */
function refuseHistoryOptions({ agent, onlyProject, watch, again }: Options): void {
  if (!agent && !onlyProject && !watch && !again) return;
  throw new TurnkeepError(
    'usage',
    "--agent, --only-project, --watch and --again are for the histories of other programs; this is Turnkeep's own JSONL.",
  );
}

/** Throws `invalid_request` when the file cannot be read. */
async function isOwnFile(file: string): Promise<boolean> {
  try {
    return !(await stat(file)).isDirectory() && (await isTurnkeepFile(file));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TurnkeepError('invalid_request', `${file} cannot be read (${reason}).`);
  }
}
