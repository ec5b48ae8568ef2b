import { type Command, Option } from 'commander';
import { AUDIT_DECISIONS, type AuditEntry } from '../../../contracts/audit.ts';
import { wholeNumber } from '../../numbers.ts';
import { sqlTable } from '../../output/table.ts';
import { print, printJson } from '../../output/terminal.ts';
import { localTime, oneLine } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

type Options = { subject?: string; decision?: AuditEntry['decision']; limit: number };

export function addAuditList(audit: Command): void {
  const command = addVerb(audit, {
    usage: 'list',
    summary: 'the last decisions, newest first',
    examples: [
      ['turnkeep audit list --decision refused', 'what was refused'],
      ['turnkeep audit list --subject integration:github', 'what went to one system'],
    ],
  });
  command
    .option('--subject <SUBJECT>', 'of this alone: integration:ID, webhook:ID')
    .addOption(new Option('--decision <DECISION>', 'only these').choices([...AUDIT_DECISIONS]))
    .option('--limit <N>', 'how many', wholeNumber(1, 500), 50);
  onRun<Options>(command, async (_args, cli, { subject, decision, limit }) => {
    const listed = await cli.client.request('listAudit', { subject, decision, limit });
    if (cli.json) return printJson(listed);
    if (listed.entries.length === 0) return print('There is no such decision.');
    const rows = listed.entries.map((entry) => [
      localTime(entry.at),
      entry.decision,
      entry.subject,
      oneLine(entry.actor, 40),
      oneLine(aboutOf(entry), 100),
    ]);
    const columns = ['at', 'decision', 'subject', 'by', 'about'];
    await print(sqlTable({ columns, rows, command: 'SELECT', row_count: rows.length }));
  });
}

/** What an entry tells, in short: the call or the change, and the first reason against it. */
function aboutOf({ detail }: AuditEntry): string {
  const told = JSON.parse(detail) as Record<string, unknown>;
  const { action = '', method = '', host = '', path = '', objections } = told;
  const [first] = Array.isArray(objections) ? objections : [];
  const reason = first?.message ? ` (${first.message})` : '';
  const what = method === '' ? `${action}` : `${method} ${host}${path}`;
  return `${what}${reason}`;
}
