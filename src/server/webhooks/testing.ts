import type { WriteTransaction } from '../database/database.ts';
import { uuidv7 } from '../platform/ids.ts';
import { outboxOf, pendingDelivery } from './outbox.ts';
import { refuseDisabled } from './replaying.ts';
import { webhookById } from './store.ts';

/**
 * Stores a test event for one endpoint; gives the id of its delivery.
 * @throws TurnkeepError `not_found`, `conflict` when it is switched off.
 */
export async function storeTest(tx: WriteTransaction, id: string, at: string): Promise<string> {
  const endpoint = await webhookById(tx.read, id);
  refuseDisabled(endpoint);
  const { endpoint_id, name } = endpoint;
  const event_id = uuidv7();
  const data = JSON.stringify({ message: `This is a test of the webhook "${name}".` });
  const place = { project_id: null, session_id: null };
  await tx.insert('webhook_events', [{ event_id, event_type: 'webhook.test', at, ...place, data }]);
  const delivery = pendingDelivery(endpoint_id, event_id, at);
  await tx.insert('webhook_deliveries', [delivery]);
  tx.afterCommit(() => outboxOf(tx.owner).wake());
  return delivery.delivery_id;
}
