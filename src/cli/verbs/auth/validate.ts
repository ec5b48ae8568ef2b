import type { Command } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { readStdin, stdinIsPiped } from '../../input.ts';
import { print, printJson } from '../../output/terminal.ts';
import { localTime } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

const REASONS = {
  malformed: 'it is not a token of Turnkeep',
  unknown: "it is not this server's",
  not_yet: 'it is not valid yet',
  expired: 'it has expired',
  revoked: 'it was revoked',
};

export function addAuthValidate(auth: Command): void {
  const command = addVerb(auth, {
    usage: 'validate',
    summary: 'say whether a token is good, and what it may do',
    details:
      'The token comes by standard input: what stands on a command line others can see. Exit code 4\nwhen it is not good.',
    examples: [['turnkeep auth validate < token.txt', 'a token in a file']],
  });
  onRun(command, async (_args, cli) => {
    if (!stdinIsPiped()) throw new TurnkeepError('usage', 'Pipe the token into standard input.');
    const token = (await readStdin(8192)).trim();
    const found = await cli.admin.call('validate_token', { token });
    if (cli.json) await printJson(found);
    else if (found.valid) {
      const until = found.expires_at ? `, until ${localTime(found.expires_at)}` : '';
      await print(`Good${until}: ${found.permissions.join(', ')}.`);
    }
    if (found.valid) return;
    if (cli.json) process.exitCode = 4;
    else throw new TurnkeepError('refused', `Not good: ${REASONS[found.reason ?? 'unknown']}.`);
  });
}
