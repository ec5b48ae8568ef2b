import type { Command } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { print, printJson } from '../../output/terminal.ts';
import { count } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

export function addAuditVerify(audit: Command): void {
  const command = addVerb(audit, {
    usage: 'verify',
    summary: 'whether the log is as it was written',
    details:
      'Computes every hash anew; exit code 1 when one does not fit. Keep the head that it prints in\nanother place: given as --head later, it shows whether the end was cut off.',
    examples: [['turnkeep audit verify', 'check it']],
  });
  command.option('--head <HASH>', 'the head of an earlier check');
  onRun<{ head?: string }>(command, async (_args, cli, { head }) => {
    if (head !== undefined && !/^[0-9a-f]{64}$/.test(head)) {
      throw new TurnkeepError('usage', '--head is the hash that an earlier check has printed.');
    }
    const report = await cli.client.request('verifyAudit', { head });
    if (!report.intact) process.exitCode = 1;
    if (cli.json) return printJson(report);
    const where = report.broken_at === null ? '' : ` at entry ${report.broken_at}`;
    await print(
      report.intact
        ? `Intact: ${count(report.entries, 'entry', 'entries')}.\nHead: ${report.head}`
        : `Not intact${where}: ${report.reason}`,
    );
  });
}
