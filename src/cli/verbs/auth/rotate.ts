import type { Command } from 'commander';
import { forgetTokenFiles } from '../../../client/tokenFile.ts';
import { confirm } from '../../confirm.ts';
import { print, printJson } from '../../output/terminal.ts';
import { count } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

type Options = { endOthers?: boolean; yes?: boolean };

export function addAuthRotate(auth: Command): void {
  const command = addVerb(auth, {
    usage: 'rotate',
    summary: 'sign with a new key from now on',
    details:
      'Tokens that were made before are good until they expire, unless --end-others is given.',
    examples: [['turnkeep auth rotate --end-others', 'after a token or a key got about']],
  });
  command.option('--end-others', 'end every token made so far').option('--yes', 'do not ask');
  onRun<Options>(command, async (_args, cli, { endOthers, yes }) => {
    if (endOthers) await confirm('This ends every token made so far.', yes === true);
    const done = await cli.admin.call('rotate_keys', { end_others: endOthers === true });
    // It is the tokens that are to end, and not our own programs.
    if (endOthers) await forgetTokenFiles(cli.home);
    if (cli.json) return printJson(done);
    const ended = endOthers ? ` ${count(done.revoked.length, 'token')} ended.` : '';
    await print(`A new key signs from now on.${ended}`);
  });
}
