import type { Command, CommanderError } from 'commander';
import { TurnkeepError } from '../contracts/errors.ts';
import { unmark } from './argv.ts';
import { type Cli, type GlobalOptions, openCli } from './cli.ts';
import { UsageError } from './failure.ts';

export type VerbDefinition = {
  /** Name and arguments as commander reads them: `capture-query <QUERY> [JSON]`. */
  usage: string;
  summary: string;
  /** More about it, for `--help`. */
  details?: string;
  /** Commands to try, each with what it does. */
  examples: [command: string, what: string][];
};

/** A verb of the command line: its help, and wrong usage turned into a `UsageError`. */
export function addVerb(parent: Command, definition: VerbDefinition): Command {
  const { usage, summary, details, examples } = definition;
  const command = parent.command(usage).summary(summary);
  command.description(details ? `${summary}\n\n${details}` : summary);
  command.addHelpText('after', `\n${examplesText(examples)}`);
  return asThrower(command);
}

/** The examples of a help page. */
export function examplesText(examples: [string, string][]): string {
  const lines = examples.map(([command, what]) => `  ${what}\n    $ ${command}`);
  return `Examples:\n${lines.join('\n')}`;
}

/** Makes a command throw a `UsageError` with its own usage instead of ending the process. */
export function asThrower(command: Command): Command {
  return command.exitOverride((error: CommanderError) => {
    if (error.exitCode === 0) throw error;
    const message = error.message.replace(/^error: /, '').replace(/^\(outputHelp\)$/, '');
    throw wrongUsage(command, message || 'A command is missing.');
  });
}

/** What is wrong with how the command was given, with the right usage. */
export function wrongUsage(command: Command, message: string): UsageError {
  const names = [command.name()];
  for (let parent = command.parent; parent; parent = parent.parent) names.unshift(parent.name());
  const usage = `Usage: ${names.join(' ')} ${command.usage()}\nSee: ${names.join(' ')} --help`;
  const told = message.includes('unknown option')
    ? `${message}\nText that begins with a dash goes after "--".`
    : message;
  return new UsageError(told, usage);
}

type Action<O> = (cli: Cli, options: O & GlobalOptions, command: Command) => Promise<void>;

/**
 * What a verb does. `args` are its operands in order, absent ones undefined; a `usage` error that
 * it throws is shown with the verb's usage.
 */
export function onRun<O extends object>(
  command: Command,
  action: (args: (string | undefined)[], ...rest: Parameters<Action<O>>) => Promise<void>,
): void {
  command.action(async () => {
    const options = unmark(command.optsWithGlobals<O & GlobalOptions>());
    const args = unmark(command.args);
    try {
      await action(args, await openCli(options), options, command);
    } catch (thrown) {
      const isUsage = thrown instanceof TurnkeepError && thrown.code === 'usage';
      if (isUsage && !(thrown instanceof UsageError)) throw wrongUsage(command, thrown.message);
      throw thrown;
    }
  });
}
