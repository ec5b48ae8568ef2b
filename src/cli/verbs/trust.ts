import { resolve } from 'node:path';
import type { Command } from 'commander';
import { TurnkeepError } from '../../contracts/errors.ts';
import { sqlTable } from '../output/table.ts';
import { print, printJson } from '../output/terminal.ts';
import { localTime, oneLine } from '../output/text.ts';
import { addVerb, onRun } from '../verb.ts';

type Options = { list?: boolean; remove?: boolean };

export function addTrust(program: Command): void {
  const command = addVerb(program, {
    usage: 'trust [FOLDER]',
    summary: 'let scripts in a folder be run, or take that back',
    details:
      'Evaluations run scripts of a project only below a trusted folder (default: this one). An editor\nin which a workspace is trusted adds it by itself, unless it was taken back here.',
    examples: [
      ['turnkeep trust', 'this folder and what is below it'],
      ['turnkeep trust --remove ~/code/website', 'take it back'],
      ['turnkeep trust --list', 'all of them'],
    ],
  });
  command.option('--list', 'show the folders').option('--remove', 'take the trust back');
  onRun<Options>(command, async ([given], cli, { list, remove }) => {
    if (list && (remove || given !== undefined)) {
      throw new TurnkeepError('usage', '--list stands alone.');
    }
    if (list) {
      const listed = await cli.admin.call('list_trusted_folders', {});
      if (cli.json) return printJson(listed);
      if (listed.folders.length === 0) return print('No folder is trusted.');
      const rows = listed.folders.map(({ folder, trusted, by, at }) => [
        ...[oneLine(folder, 200), trusted ? 'trusted' : 'taken back', by, localTime(at)],
      ]);
      const columns = ['folder', 'state', 'by', 'since'];
      return print(sqlTable({ columns, rows, command: 'SELECT', row_count: rows.length }));
    }
    const folder = resolve(given ?? '.');
    const done = await cli.admin.call(remove ? 'untrust_folder' : 'trust_folder', { folder });
    if (cli.json) return printJson(done);
    const what = done.trusted ? 'Scripts may be run in' : 'Scripts are no longer run in';
    await print(`${what} ${oneLine(done.folder, 500)}`);
  });
}
