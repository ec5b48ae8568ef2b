import type { Command } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { confirm } from '../../confirm.ts';
import { print, printJson } from '../../output/terminal.ts';
import { oneLine } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

export function addProjectMerge(project: Command): void {
  const command = addVerb(project, {
    usage: 'merge [FROM] [INTO]',
    summary: 'move everything of one project into another, from now on too',
    details:
      'Projects are given by name, key or id (turnkeep project list). What is captured in the ' +
      'folder of the first belongs to the second afterwards. Sessions stay apart as they are.',
    examples: [['turnkeep project merge old-shop shop', 'two folders that are one project']],
  });
  command.option('--yes', 'do not ask');
  onRun<{ yes?: boolean }>(command, async ([from, into], cli, { yes }) => {
    if (!from || !into) {
      throw new TurnkeepError('usage', 'Give the project to move and the one to move it into.');
    }
    const shown = [from, into].map((text) => oneLine(text, 200));
    await confirm(
      `This moves everything of ${shown[0]} into ${shown[1]}; it cannot be taken apart again.`,
      yes === true,
    );
    const done = await cli.client.call('merge_projects', { from, into });
    if (cli.json) return printJson(done);
    const keys = [done.key, ...done.aliases].map((key) => oneLine(key, 200)).join(', ');
    await print(`Merged into ${oneLine(done.name, 200)}, which these keys lead to: ${keys}.`);
  });
}
