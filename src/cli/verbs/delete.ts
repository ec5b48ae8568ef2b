import type { Command } from 'commander';
import { TurnkeepError } from '../../contracts/errors.ts';
import { confirm } from '../confirm.ts';
import { notNegative } from '../numbers.ts';
import { print, printJson } from '../output/terminal.ts';
import { count } from '../output/text.ts';
import { addVerb, onRun } from '../verb.ts';

type Options = { turn?: string; session?: string; olderThan?: number; yes?: boolean };

export function addDelete(program: Command): void {
  const command = addVerb(program, {
    usage: 'delete',
    summary: 'delete stored turns, after showing how many',
    details: 'Of several conditions all must hold. --project NAME is one of them.',
    examples: [
      ['turnkeep delete --turn 0198…', 'one turn'],
      [
        'turnkeep delete --project website --older-than 365 --yes',
        'old turns of a project, unasked',
      ],
    ],
  });
  command
    .option('--turn <ID>', 'this turn')
    .option('--session <ID>', 'this session')
    .option('--older-than <DAYS>', 'what is older than so many days', notNegative)
    .option('--yes', 'do not ask');
  onRun<Options>(command, async (_args, cli, { turn, session, olderThan, yes }) => {
    const selection = {
      ...(turn ? { turn_id: turn } : {}),
      ...(session ? { session_id: session } : {}),
      ...(cli.project ? { project: cli.project } : {}),
      ...(olderThan === undefined ? {} : { older_than_days: olderThan }),
    };
    if (Object.keys(selection).length === 0) {
      throw new TurnkeepError(
        'usage',
        'Say what to delete: --turn, --session, --project or --older-than.',
      );
    }
    const found = await cli.client.call('delete_conversations', { ...selection, dry_run: true });
    if (found.messages === 0 && found.sessions === 0) {
      return cli.json ? printJson(found) : print('Nothing matches; nothing was deleted.');
    }
    const amount = `${count(found.turns, 'turn')} (${count(found.messages, 'message')}) in ${count(found.sessions, 'session')}`;
    await confirm(`This deletes ${amount} for good.`, yes === true);
    const done = await cli.client.call('delete_conversations', selection);
    if (cli.json) return printJson(done);
    await print(`Deleted ${count(done.turns, 'turn')} (${count(done.messages, 'message')}).`);
  });
}
