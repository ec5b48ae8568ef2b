import type { Command } from 'commander';
import { databaseRows } from '../../output/databaseRows.ts';
import { pairs, print, printJson } from '../../output/terminal.ts';
import { addVerb, onRun } from '../../verb.ts';

export function addDatabaseStatus(db: Command): void {
  const command = addVerb(db, {
    usage: 'status',
    summary: 'engine, place, migrations, journal and backups',
    examples: [['turnkeep db status --json', 'for a program']],
  });
  onRun(command, async (_args, cli) => {
    const { database } = await cli.client.call('get_server_status', {});
    await (cli.json ? printJson(database) : print(pairs(databaseRows(database))));
  });
}
