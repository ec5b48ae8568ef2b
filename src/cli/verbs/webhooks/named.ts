import { TurnkeepError } from '../../../contracts/errors.ts';
import type { Receiver, Webhook } from '../../../contracts/webhooks.ts';
import type { Cli } from '../../cli.ts';

/** The one that a person means by its id or its name. */
function meant<T extends { name: string }>(
  all: T[],
  idOf: (one: T) => string,
  given: string | undefined,
  what: string,
): T {
  if (!given) throw new TurnkeepError('usage', `NAME is missing: which ${what}?`);
  const found = all.filter((one) => idOf(one) === given || one.name === given);
  const [first] = found;
  if (first && found.length === 1) return first;
  if (first) {
    throw new TurnkeepError('conflict', `Several are named "${given}". Give the id of one.`);
  }
  const names = all.map((one) => one.name).slice(0, 20);
  const hint = names.length > 0 ? `There are: ${names.join(', ')}.` : 'There is none yet.';
  throw new TurnkeepError('not_found', `There is no ${what} "${given}". ${hint}`);
}

/** The webhook of an id or a name. @throws TurnkeepError `usage`, `not_found`, `conflict`. */
export async function webhookNamed(cli: Cli, given: string | undefined): Promise<Webhook> {
  const { webhooks } = await cli.client.request('listWebhooks', {});
  return meant(webhooks, (one) => one.endpoint_id, given, 'webhook');
}

/** The receiver of an id or a name. @throws TurnkeepError `usage`, `not_found`, `conflict`. */
export async function receiverNamed(cli: Cli, given: string | undefined): Promise<Receiver> {
  const { receivers } = await cli.client.request('listReceivers', {});
  return meant(receivers, (one) => one.receiver_id, given, 'receiver');
}
