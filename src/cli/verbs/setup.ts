import type { Command } from 'commander';
import { applyEdit } from '../../client/jsoncFile.ts';
import { launcherPath, writeLauncher } from '../../client/launcher.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import { VERSION } from '../../contracts/version.ts';
import { cliPath } from '../cli.ts';
import { confirm } from '../confirm.ts';
import { describeEdit } from '../output/fileEdit.ts';
import { notice, painter, print, printJson } from '../output/terminal.ts';
import { count } from '../output/text.ts';
import { chosenEditors, planSetup } from '../setup/plan.ts';
import { proveCapture } from '../setup/proof.ts';
import { addVerb, onRun } from '../verb.ts';

type Options = { cursor?: boolean; vscode?: boolean; yes?: boolean };

export function addSetup(program: Command): void {
  const command = addVerb(program, {
    usage: 'setup',
    summary: 'register with the editors of this workspace, and prove that captures arrive',
    details:
      'Shows what it would write and asks first. Without --cursor and --vscode: the editors found on PATH.',
    examples: [['turnkeep setup --vscode', 'for VS Code, in this folder']],
  });
  command
    .option('--cursor', 'register with Cursor')
    .option('--vscode', 'register with VS Code')
    .option('--yes', 'do not ask');
  onRun<Options>(command, async (_args, cli, { cursor, vscode, yes }) => {
    const root = cli.context.project?.root ?? process.cwd();
    const asked = { ...(cursor ? { cursor } : {}), ...(vscode ? { vscode } : {}) };
    const editors = await chosenEditors(asked);
    const edits = await planSetup(cli.home, root, editors);
    const paint = painter(process.stderr);
    const launcher = launcherPath(cli.home);
    if (!cli.json) {
      for (const edit of edits) await notice(`${describeEdit(edit, paint)}\n`);
    }
    if (edits.length > 0) {
      const files = count(edits.length, 'file');
      await confirm(`This writes ${files} and the launcher ${launcher}.`, yes === true);
    }
    await writeLauncher(cli.home, { version: VERSION, node: process.execPath, cli: cliPath });
    for (const edit of edits) await applyEdit(edit);
    const { database } = await cli.client.call('get_server_status', {});
    if (database.state !== 'ok') {
      throw new TurnkeepError(
        'database_unavailable',
        `The database does not answer (${database.error ?? 'no reason given'}). See "turnkeep doctor".`,
      );
    }
    await proveCapture(cli);
    if (cli.json) {
      return printJson({ editors, written: edits.map(({ file }) => file), launcher, proven: true });
    }
    const written =
      edits.length > 0
        ? `Wrote ${edits.map(({ file }) => file).join(', ')}.`
        : 'No file needed a change.';
    await print(
      [
        editors.length > 0
          ? written
          : 'No editor was found on PATH: add --vscode or --cursor to register with one.',
        `Launcher: ${launcher}`,
        `Database: ${database.engine} ${database.version ?? ''}, ok.`,
        'A test capture was stored, found again and removed. Turnkeep works.',
      ].join('\n'),
    );
  });
}
