import { join } from 'node:path';
import type { Command } from 'commander';
import { listBackups } from '../../contracts/backupFiles.ts';
import { confirm } from '../confirm.ts';
import { print, printJson } from '../output/terminal.ts';
import { count } from '../output/text.ts';
import { addVerb, onRun } from '../verb.ts';

type Options = { dryRun?: boolean; yes?: boolean };

/** Backups that are there now; what they hold was stored before. */
async function backupFiles(folder: string): Promise<string[]> {
  return (await listBackups(folder)).map((name) => join(folder, name));
}

function kindsText(kinds: Record<string, number>): string {
  const sorted = Object.entries(kinds).sort(([a, x], [b, y]) => y - x || a.localeCompare(b));
  const width = Math.max(0, ...sorted.map(([kind]) => kind.length));
  return sorted.map(([kind, number]) => `  ${kind.padEnd(width)}  ${number}`).join('\n');
}

export function addRedact(program: Command): void {
  const command = addVerb(program, {
    usage: 'redact',
    summary: 'take secrets out of what was stored before',
    details:
      'Runs the redaction rules of now, your own among them, over stored messages, after showing what they find. --project NAME keeps to one project.',
    examples: [
      ['turnkeep redact --dry-run', 'what is found, by kind; nothing changes'],
      ['turnkeep redact --project website --yes', 'one project, unasked'],
    ],
  });
  command.option('--dry-run', 'count, change nothing').option('--yes', 'do not ask');
  onRun<Options>(command, async (_args, cli, { dryRun, yes }) => {
    const selection = cli.project ? { project: cli.project } : {};
    const found = await cli.client.call('redact_stored', { ...selection, dry_run: true });
    if (cli.json && dryRun) return printJson(found);
    const looked = `${count(found.messages, 'message')} looked at`;
    if (found.changed === 0 && dryRun) return print(`${looked}; no secret was found.`);
    if (!cli.json && found.changed > 0) {
      await print(`${looked}; ${found.changed} of them would change:\n${kindsText(found.kinds)}`);
    }
    if (dryRun) return;
    if (found.changed > 0) {
      const amount = count(found.changed, 'message');
      await confirm(`This takes secrets out of ${amount} for good.`, yes === true);
    }
    const done = await cli.client.call('redact_stored', selection);
    const backups = done.changed > 0 ? await backupFiles(cli.home.backups) : [];
    if (cli.json) return printJson({ ...done, backups });
    await print(
      done.changed === 0
        ? `${looked}; no secret was found.`
        : `Redacted ${count(done.changed, 'message')}.`,
    );
    if (backups.length === 0) return;
    await print(
      `These backups were made before and still hold the old text; delete them when you no longer need them:\n${backups.map((file) => `  ${file}`).join('\n')}`,
    );
  });
}
