import { resolve } from 'node:path';
import type { Command } from 'commander';
import { print, printJson } from '../../output/terminal.ts';
import { bytes, count } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

export function addBackup(db: Command): void {
  const command = addVerb(db, {
    usage: 'backup [FILE]',
    summary: 'write everything into a file that either engine can restore',
    details: 'Without FILE into the backups folder of the home.',
    examples: [['turnkeep db backup ~/turnkeep.backup.gz', 'a backup of your own']],
  });
  onRun(command, async ([file], cli) => {
    const input = file === undefined ? {} : { file: resolve(file) };
    const done = await cli.admin.call('backup_database', input);
    if (cli.json) return printJson(done);
    await print(`Wrote ${count(done.rows, 'row')}, ${bytes(done.bytes)}, to ${done.file}.`);
  });
}
