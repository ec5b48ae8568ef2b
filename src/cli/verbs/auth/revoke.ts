import type { Command } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { print, printJson } from '../../output/terminal.ts';
import { count } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function addAuthRevoke(auth: Command): void {
  const command = addVerb(auth, {
    usage: 'revoke [ID-OR-NAME]',
    summary: 'end a token now, or all of one name',
    details: 'turnkeep auth list shows the ids and names. It stays ended when the server restarts.',
    examples: [['turnkeep auth revoke report', 'every token named report']],
  });
  onRun(command, async ([given], cli) => {
    if (!given) throw new TurnkeepError('usage', 'Give the id or the name of a token.');
    const which = ID.test(given) ? { token_id: given } : { name: given };
    const done = await cli.admin.call('revoke_token', which);
    if (cli.json) return printJson(done);
    await print(
      done.revoked.length > 0
        ? `Revoked ${count(done.revoked.length, 'token')}.`
        : 'It was revoked before.',
    );
  });
}
