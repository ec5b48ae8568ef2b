import type { Command } from 'commander';
import {
  clientPermissions,
  MAX_TOKEN_DAYS,
  permissionSchema,
} from '../../../contracts/authTools.ts';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { PERMISSIONS, type Permission } from '../../../contracts/tool.ts';
import { wholeNumber } from '../../numbers.ts';
import { notice, print, printJson } from '../../output/terminal.ts';
import { localTime, oneLine } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

type Options = { permissions?: string; days?: number };

export function addAuthIssue(auth: Command): void {
  const command = addVerb(auth, {
    usage: 'issue [NAME]',
    summary: 'make a token; it is shown this once',
    details: `NAME says who it is for. Permissions: ${PERMISSIONS.join(', ')};\n"mcp" stands for what an AI client needs.`,
    examples: [
      ['turnkeep auth issue report --permissions conversations:read --days 30', 'for a script'],
      ['turnkeep auth issue my-agent --permissions mcp', 'for an AI client over HTTP'],
    ],
  });
  command
    .option('--permissions <LIST>', 'what it may do, separated by commas')
    .option('--days <N>', 'how long it is good (default: 90)', wholeNumber(1, MAX_TOKEN_DAYS));
  onRun<Options>(command, async ([name], cli, { permissions, days }) => {
    if (!name?.trim()) throw new TurnkeepError('usage', 'NAME is missing: who is it for?');
    if (!permissions?.trim()) {
      throw new TurnkeepError('usage', '--permissions is missing: what may it do?');
    }
    const made = await cli.admin.call('issue_token', {
      name,
      permissions: permissionsOf(permissions),
      ...(days === undefined ? {} : { expires_in_days: days }),
    });
    if (cli.json) return printJson(made);
    await notice(
      `Token ${made.token_id} of ${oneLine(made.name, 100)}, good until ${localTime(made.expires_at)}: ${made.permissions.join(', ')}.\nIt is shown this once.`,
    );
    await print(made.token);
  });
}

function permissionsOf(list: string): Permission[] {
  const names = list.split(',').map((name) => name.trim());
  return names.flatMap((name) => {
    if (name === 'mcp') return clientPermissions.mcp;
    const known = permissionSchema.safeParse(name);
    if (known.success) return known.data;
    throw new TurnkeepError(
      'usage',
      `--permissions is a list of ${PERMISSIONS.join(', ')}, or mcp; "${oneLine(name, 40)}" is none of them.`,
    );
  });
}
