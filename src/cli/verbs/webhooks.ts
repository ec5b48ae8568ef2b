import type { Command } from 'commander';
import { asThrower } from '../verb.ts';
import { addWebhooksAdd } from './webhooks/add.ts';
import { addWebhooksDeliveries } from './webhooks/deliveries.ts';
import { addWebhooksDisable, addWebhooksEnable } from './webhooks/enable.ts';
import { addWebhooksEvents } from './webhooks/events.ts';
import { addWebhooksList } from './webhooks/list.ts';
import { addReceivers } from './webhooks/receivers.ts';
import { addWebhooksRemove } from './webhooks/remove.ts';
import { addWebhooksReplay } from './webhooks/replay.ts';
import { addWebhooksRotate } from './webhooks/rotate.ts';
import { addWebhooksTest } from './webhooks/test.ts';

export function addWebhooks(program: Command): void {
  const webhooks = asThrower(
    program.command('webhooks').summary('signed events to programs of yours, and from them'),
  );
  webhooks.description(
    'Tells addresses of yours what happens: a turn was captured, a session closed, a system is down.\nIds and figures; what was said leaves only when you say so with --fields.',
  );
  addWebhooksList(webhooks);
  addWebhooksAdd(webhooks);
  addWebhooksTest(webhooks);
  addWebhooksDeliveries(webhooks);
  addWebhooksReplay(webhooks);
  addWebhooksRotate(webhooks);
  addWebhooksEnable(webhooks);
  addWebhooksDisable(webhooks);
  addWebhooksRemove(webhooks);
  addWebhooksEvents(webhooks);
  addReceivers(webhooks);
}
