import type { Command } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { confirm } from '../../confirm.ts';
import { wholeNumber } from '../../numbers.ts';
import { sqlTable } from '../../output/table.ts';
import { print, printJson } from '../../output/terminal.ts';
import { harmless, localTime } from '../../output/text.ts';
import { addVerb, asThrower, examplesText, onRun } from '../../verb.ts';
import { receiverNamed } from './named.ts';

export function addReceivers(webhooks: Command): void {
  const receivers = asThrower(
    webhooks.command('receivers').summary('where signed events of other programs come in'),
  );
  receivers.description('Addresses of this server that programs of this computer send events to.');
  receivers.addHelpText(
    'after',
    `\n${examplesText([['turnkeep webhooks receivers add builds', 'for what a build tells']])}`,
  );
  addList(receivers);
  addAdd(receivers);
  addReceived(receivers);
  addRotate(receivers);
  addRemove(receivers);
}

function addList(receivers: Command): void {
  const command = addVerb(receivers, {
    usage: 'list',
    summary: 'the receivers with their paths',
    examples: [['turnkeep webhooks receivers list', 'all']],
  });
  onRun(command, async (_args, cli) => {
    const listed = await cli.client.request('listReceivers', {});
    if (cli.json) return printJson(listed);
    if (listed.receivers.length === 0) return print('There is no receiver.');
    const rows = listed.receivers.map(({ name, path }) => [name, path]);
    const columns = ['name', 'path'];
    await print(sqlTable({ columns, rows, command: 'SELECT', row_count: rows.length }));
  });
}

function addAdd(receivers: Command): void {
  const command = addVerb(receivers, {
    usage: 'add [NAME]',
    summary: 'make a receiver; prints its path, and its secret this once',
    examples: [['turnkeep webhooks receivers add builds', 'for what a build tells']],
  });
  onRun(command, async ([name], cli) => {
    if (!name) throw new TurnkeepError('usage', 'NAME is missing: what do you call it?');
    const made = await cli.client.request('createReceiver', { name });
    if (cli.json) return printJson(made);
    await print(`POST ${made.path}\nIts secret, shown this once:\n${made.secret}`);
  });
}

function addReceived(receivers: Command): void {
  const command = addVerb(receivers, {
    usage: 'received [NAME]',
    summary: 'events that came in, newest first',
    examples: [['turnkeep webhooks receivers received builds', 'of that one']],
  });
  command.option('--limit <N>', 'how many', wholeNumber(1, 500), 20);
  onRun<{ limit: number }>(command, async ([name], cli, { limit }) => {
    const receiver_id =
      name === undefined ? undefined : (await receiverNamed(cli, name)).receiver_id;
    const listed = await cli.client.request('listReceived', { receiver_id, limit });
    if (cli.json) return printJson(listed);
    if (listed.received.length === 0) return print('Nothing came in.');
    const columns = ['at', 'event', 'payload'];
    const rows = listed.received.map((one) => [
      ...[localTime(one.at), one.event_id],
      JSON.stringify(one.payload).slice(0, 200),
    ]);
    await print(sqlTable({ columns, rows, command: 'SELECT', row_count: rows.length }));
  });
}

function addRotate(receivers: Command): void {
  const command = addVerb(receivers, {
    usage: 'rotate [NAME]',
    summary: 'make a new secret; for a while both are good',
    examples: [['turnkeep webhooks receivers rotate builds', 'the one before is good for a day']],
  });
  command.option('--overlap <HOURS>', 'how long the one before is good', wholeNumber(0, 720), 24);
  onRun<{ overlap: number }>(command, async ([given], cli, { overlap }) => {
    const { receiver_id } = await receiverNamed(cli, given);
    const request = { receiver_id, overlap_hours: overlap };
    const made = await cli.client.request('rotateReceiverSecret', request);
    if (cli.json) return printJson(made);
    await print(`The new secret, shown this once:\n${made.secret}`);
  });
}

function addRemove(receivers: Command): void {
  const command = addVerb(receivers, {
    usage: 'remove [NAME]',
    summary: 'forget a receiver with what it has received',
    examples: [['turnkeep webhooks receivers remove builds', 'that one']],
  });
  command.option('--yes', 'do not ask');
  onRun<{ yes?: boolean }>(command, async ([given], cli, { yes }) => {
    const { receiver_id, name } = await receiverNamed(cli, given);
    await confirm(`This forgets ${harmless(name)} and what it has received.`, yes === true);
    const done = await cli.client.request('deleteReceiver', { receiver_id });
    if (cli.json) return printJson(done);
    await print(`Forgot ${harmless(name)}.`);
  });
}
