import type { Command } from 'commander';
import { confirm } from '../../confirm.ts';
import { print, printJson } from '../../output/terminal.ts';
import { addVerb, onRun } from '../../verb.ts';

export function addAuthRenewHome(auth: Command): void {
  const command = addVerb(auth, {
    usage: 'renew-home',
    summary: 'make another token for the home; the one before ends at once',
    details:
      "Turnkeep's own programs find it by themselves; scripts that have the old one need the new one.",
    examples: [['turnkeep auth renew-home', "after the home's own token got about"]],
  });
  command.option('--yes', 'do not ask');
  onRun<{ yes?: boolean }>(command, async (_args, cli, { yes }) => {
    await confirm("This ends the home's own token.", yes === true);
    await cli.admin.call('renew_home_token', {});
    if (cli.json) return printJson({ renewed: true, file: cli.home.token });
    await print(`The home has a new token, in ${cli.home.token}; the one before has ended.`);
  });
}
