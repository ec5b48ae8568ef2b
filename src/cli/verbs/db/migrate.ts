import type { Command } from 'commander';
import { print, printJson } from '../../output/terminal.ts';
import { addVerb, onRun } from '../../verb.ts';

export function addMigrate(db: Command): void {
  const command = addVerb(db, {
    usage: 'migrate',
    summary: 'bring the tables up to this version',
    examples: [['turnkeep db migrate', 'after an update, on a shared PostgreSQL']],
  });
  onRun(command, async (_args, cli) => {
    const done = await cli.admin.call('migrate_database', {});
    if (cli.json) return printJson(done);
    const pending = done.pending.length > 0 ? ` Pending: ${done.pending.join(', ')}.` : '';
    await print(`Applied: ${done.applied.join(', ') || 'none'}.${pending}`);
  });
}
