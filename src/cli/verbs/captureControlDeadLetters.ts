import type { Command } from 'commander';
import { TurnkeepError } from '../../contracts/errors.ts';
import { confirm } from '../confirm.ts';
import { print, printJson } from '../output/terminal.ts';
import { bytes, count, harmless, localTime, oneLine } from '../output/text.ts';
import { addVerb, onRun } from '../verb.ts';

type Options = { retry?: boolean; delete?: boolean; yes?: boolean };

export function addDeadLetters(capture: Command): void {
  const command = addVerb(capture, {
    usage: 'dead-letters [NAMES...]',
    summary: 'captures that could not be understood',
    examples: [
      ['turnkeep capture dead-letters', 'what there is, and why'],
      ['turnkeep capture dead-letters --retry', 'take them in again'],
      ['turnkeep capture dead-letters --delete --yes', 'remove them, unasked'],
    ],
  });
  command
    .option('--retry', 'put them (or those named) back and take them in again')
    .option('--delete', 'remove them (or those named)')
    .option('--yes', 'do not ask');
  onRun<Options>(command, async (given, cli, { retry, delete: remove, yes }) => {
    const names = given.filter((name) => name !== undefined);
    const input = names.length > 0 ? { names } : {};
    if (retry && remove) throw new TurnkeepError('usage', 'Give --retry or --delete, not both.');
    if (remove) {
      const which = names.length > 0 ? names.join(', ') : 'all dead letters';
      await confirm(`This deletes ${oneLine(which, 300)} for good.`, yes === true);
      const done = await cli.client.call('delete_dead_letters', input);
      if (cli.json) return printJson(done);
      return print(`Deleted ${count(done.deleted, 'dead letter')}.`);
    }
    if (retry) {
      const done = await cli.client.call('retry_dead_letters', input);
      if (cli.json) return printJson(done);
      return print(
        `${count(done.retried, 'dead letter')} put back. What is still not understood comes back here.`,
      );
    }
    const { dead_letters } = await cli.client.call('list_dead_letters', {});
    const shown = dead_letters.filter(({ name }) => names.length === 0 || names.includes(name));
    if (cli.json) return printJson({ dead_letters: shown });
    if (shown.length === 0) return print('There is no dead letter.');
    const lines = shown.map(({ name, agent, created_at, bytes: size, reason }) => {
      const from = [created_at ? localTime(created_at) : null, agent, bytes(size)];
      return `${harmless(name)}  ${from.filter((part) => part !== null).join('  ')}\n  ${oneLine(reason, 300)}`;
    });
    await print(lines.join('\n'));
  });
}
