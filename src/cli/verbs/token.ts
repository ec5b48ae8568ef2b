import type { Command } from 'commander';
import { readToken } from '../../client/token.ts';
import { print, printJson } from '../output/terminal.ts';
import { addVerb, onRun } from '../verb.ts';

export function addToken(program: Command): void {
  const command = addVerb(program, {
    usage: 'token',
    summary: 'say where the access token is, or show it',
    details: 'Whoever has the token can read and delete everything that is stored.',
    examples: [
      [
        'curl -H "Authorization: Bearer $(turnkeep token --show)" http://127.0.0.1:3000/mcp/tools',
        'call the server by hand',
      ],
    ],
  });
  command.option('--show', 'print the token itself');
  onRun<{ show?: boolean }>(command, async (_args, cli, { show }) => {
    const token = await readToken(cli.home);
    if (!cli.json) return print(show ? token : cli.home.token);
    await printJson({ file: cli.home.token, ...(show ? { token } : {}) });
  });
}
