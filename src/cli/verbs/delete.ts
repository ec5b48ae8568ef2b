import { readdir } from 'node:fs/promises';
import type { Command } from 'commander';
import { listBackups } from '../../contracts/backupFiles.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Home } from '../../contracts/home.ts';
import { confirm } from '../confirm.ts';
import { notNegative } from '../numbers.ts';
import { print, printJson } from '../output/terminal.ts';
import { count, oneLine } from '../output/text.ts';
import { addVerb, onRun } from '../verb.ts';

type Options = {
  turn?: string;
  session?: string;
  olderThan?: number;
  backups?: boolean;
  yes?: boolean;
};

export function addDelete(program: Command): void {
  const command = addVerb(program, {
    usage: 'delete',
    summary: 'delete stored turns, after showing how many',
    details:
      'Of several conditions all must hold. --project NAME is one of them. Captures that wait in ' +
      'the spool go too, as far as they tell what they belong to.',
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
    .option('--backups', 'take it out of the backups in the home as well')
    .option('--yes', 'do not ask');
  onRun<Options>(command, async (_args, cli, { turn, session, olderThan, backups, yes }) => {
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
    // What is stored has such ids alone.
    if (turn !== undefined && !UUID.test(turn)) throw unknown('turn', turn);
    if (session !== undefined && !UUID.test(session)) throw unknown('session', session);
    const places = backups ? { backups: true } : {};
    const found = await cli.client.call('delete_conversations', {
      ...selection,
      ...places,
      dry_run: true,
    });
    const isById = olderThan === undefined && !cli.project && !backups;
    if (found.messages === 0 && found.sessions === 0 && isById) {
      throw turn === undefined ? unknown('session', session ?? '') : unknown('turn', turn);
    }
    // What is not stored may wait in the spool, or be in a backup still.
    const waits = await somethingWaits(cli.home);
    if (found.messages === 0 && found.sessions === 0 && !waits && !backups) {
      return cli.json ? printJson(found) : print('Nothing matches; nothing was deleted.');
    }
    const amount = `${count(found.turns, 'turn')} (${count(found.messages, 'message')}) in ${count(found.sessions, 'session')}`;
    const spool = waits ? ', with what waits of it in the spool,' : '';
    const also = backups ? ', here and in every backup,' : '';
    await confirm(`This deletes ${amount}${spool}${also} for good.`, yes === true);
    const done = await cli.client.call('delete_conversations', { ...selection, ...places });
    if (cli.json) return printJson(done);
    await print(
      `Deleted ${count(done.turns, 'turn')} (${count(done.messages, 'message')}).${await rest(cli.home, done.backups)}`,
    );
  });
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

function unknown(what: 'turn' | 'session', id: string): TurnkeepError {
  return new TurnkeepError('not_found', `There is no ${what} ${oneLine(id, 100)}.`);
}

async function somethingWaits(home: Home): Promise<boolean> {
  for (const folder of [home.spool, home.deadLetters]) {
    const names = await readdir(folder).catch((): string[] => []);
    if (names.some((name) => name.endsWith('.json'))) return true;
  }
  return false;
}

/** What is to be known of the backups afterwards. */
async function rest(home: Home, rewritten: number | undefined): Promise<string> {
  const outside = 'Backups in other folders are as they were.';
  if (rewritten !== undefined) return ` ${count(rewritten, 'backup')} rewritten. ${outside}`;
  const kept = (await listBackups(home.backups)).length;
  if (kept === 0) return '';
  return (
    ` ${count(kept, 'backup')} in ${home.backups} may hold it still: ` +
    'the same command with --backups takes it out of them.'
  );
}
