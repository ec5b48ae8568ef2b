import type { Command } from 'commander';
import { print, printJson } from '../output/terminal.ts';
import { addVerb, onRun } from '../verb.ts';

export function addClose(program: Command): void {
  const command = addVerb(program, {
    usage: 'close',
    summary: 'end the current session; the next capture begins a new one',
    examples: [['turnkeep close', "this folder's session"]],
  });
  onRun(command, async (_args, cli) => {
    const answer = await cli.client.call('close_session', {});
    await (cli.json ? printJson(answer) : print(answer.message));
  });
}
