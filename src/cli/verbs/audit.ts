import type { Command } from 'commander';
import { asThrower } from '../verb.ts';
import { addAuditExport } from './audit/export.ts';
import { addAuditList } from './audit/list.ts';
import { addAuditVerify } from './audit/verify.ts';

export function addAudit(program: Command): void {
  const audit = asThrower(
    program.command('audit').summary('what was allowed to leave this machine, and what was not'),
  );
  audit.description(
    'Every call of a connected system is allowed or refused by its policy, and noted before it is sent.\nEach entry has the hash of the one before, so that a change is seen.',
  );
  addAuditList(audit);
  addAuditVerify(audit);
  addAuditExport(audit);
}
