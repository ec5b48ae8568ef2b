import type { Command } from 'commander';
import { sqlTable } from '../../output/table.ts';
import { print, printJson } from '../../output/terminal.ts';
import { localTime } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

export function addProjectList(project: Command): void {
  const command = addVerb(project, {
    usage: 'list',
    summary: 'all projects, last used first',
    examples: [['turnkeep project list --json', 'for a program']],
  });
  onRun(command, async (_args, cli) => {
    const { projects } = await cli.client.call('list_projects', {});
    if (cli.json) return printJson({ projects });
    if (projects.length === 0) return print('There is no project yet.');
    const rows = projects.map((row) => [
      row.name,
      row.key,
      String(row.session_count),
      String(row.message_count),
      row.last_activity_at ? localTime(row.last_activity_at) : '',
    ]);
    const columns = ['name', 'key', 'sessions', 'messages', 'last used'];
    await print(sqlTable({ columns, rows, command: 'SELECT', row_count: rows.length }));
  });
}
