import type { Command } from 'commander';
import { sqlTable } from '../../output/table.ts';
import { print, printJson } from '../../output/terminal.ts';
import { localTime } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

export function addAuthList(auth: Command): void {
  const command = addVerb(auth, {
    usage: 'list',
    summary: 'tokens that have not expired, and the keys that sign',
    details: 'The last use is known since the server started.',
    examples: [['turnkeep auth list --json', 'for a program']],
  });
  onRun(command, async (_args, cli) => {
    const listed = await cli.admin.call('list_tokens', {});
    if (cli.json) return printJson(listed);
    if (listed.tokens.length === 0) return print('No token was made beside that of this home.');
    const rows = listed.tokens.map((token) => [
      token.name,
      token.token_id,
      token.last_used_at ? localTime(token.last_used_at) : '-',
      localTime(token.expires_at),
      token.revoked_at ? `revoked ${localTime(token.revoked_at)}` : 'good',
      // The longest of them last: the others stay in line.
      token.permissions.join(', '),
    ]);
    const columns = ['name', 'id', 'last used', 'expires', 'state', 'permissions'];
    await print(sqlTable({ columns, rows, command: 'SELECT', row_count: rows.length }));
    const keys = listed.keys.map(({ key_id, created_at, retired_at }) => [
      ...[key_id, localTime(created_at)],
      retired_at ? `signed until ${localTime(retired_at)}` : 'signs',
    ]);
    await print('');
    await print(
      sqlTable({
        ...{ columns: ['key', 'made', 'state'], rows: keys },
        ...{ command: 'SELECT', row_count: keys.length },
      }),
    );
  });
}
