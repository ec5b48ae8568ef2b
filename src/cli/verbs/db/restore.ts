import { access, constants } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { stopServer } from '../../../client/connection.ts';
import { findServer } from '../../../client/discovery.ts';
import type { RestClient } from '../../../client/restClient.ts';
import { TurnkeepError } from '../../../contracts/errors.ts';
import type { Cli } from '../../cli.ts';
import { confirm } from '../../confirm.ts';
import { print, printJson } from '../../output/terminal.ts';
import { count } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

type Options = { replace?: boolean; fresh?: boolean; yes?: boolean };

export function addRestore(db: Command): void {
  const command = addVerb(db, {
    usage: 'restore [FILE]',
    summary: 'load a backup into an empty database',
    examples: [
      ['turnkeep db restore ~/turnkeep.backup.gz', 'on a new machine'],
      ['turnkeep db restore FILE --fresh', 'when the data folder is of another PostgreSQL version'],
    ],
  });
  command
    .option('--replace', 'replace what is stored; a backup of it is made first')
    .option('--fresh', 'set a data folder aside that this version cannot open, and begin a new one')
    .option('--yes', 'do not ask');
  onRun<Options>(command, async ([given], cli, { replace, fresh, yes }) => {
    if (!given) return beginAnew(cli, fresh === true);
    const file = resolve(given);
    await access(file, constants.R_OK).catch((cause: Error) => {
      throw new TurnkeepError('invalid_request', `${file} cannot be read (${cause.message}).`);
    });
    if (replace) {
      await confirm(`This replaces everything that is stored by ${file}.`, yes === true);
    }
    const client = fresh ? await freshClient(cli) : cli.admin;
    // Into a fresh folder the journal's turns have come already; the backup goes over them, and
    // they are applied once more.
    const input = { file, ...(replace || fresh ? { replace: true } : {}) };
    const done = await client.call('restore_database', input);
    if (cli.json) return printJson(done);
    const safety = done.safety_backup ? ` What was there before is in ${done.safety_backup}.` : '';
    await print(`Restored ${count(done.rows, 'row')}.${safety}`);
  });
}

/** Without a backup there is nothing to load: the folder is set aside and an empty one begun. */
async function beginAnew(cli: Cli, fresh: boolean): Promise<void> {
  if (!fresh) {
    throw new TurnkeepError(
      'usage',
      'Name the backup: turnkeep db restore FILE. They are in backups/ of the home.',
    );
  }
  const client = await freshClient(cli);
  const status = await client.call('get_server_status', {});
  if (cli.json) return printJson({ rows: 0, safety_backup: null });
  await print(`A new database runs in ${status.home}. The folder set aside is beside it.`);
}

/** A server that starts with the option to set the data folder aside; a running one ends first. */
async function freshClient(cli: Cli): Promise<RestClient> {
  const running = await findServer(cli.home);
  if (running) await stopServer(cli.home, running, 'restore into a fresh data folder');
  await cli.connect({ client: undefined, serverArgs: ['--set-aside-data'] });
  return cli.admin;
}
