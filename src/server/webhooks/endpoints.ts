import { z } from 'zod';
import type { webhookEndpoints } from '../../contracts/webhookEndpoints.ts';
import type { WebhookEventType } from '../../contracts/webhookEvents.ts';
import { webhookBodySchema, webhookEventTypes } from '../../contracts/webhookEvents.ts';
import { MAX_RECEIVED_BYTES, SIGNED_PATH } from '../../contracts/webhooks.ts';
import type { EndpointCall, EndpointHandlers } from '../platform/http/endpoint.ts';
import type { SignedRoute } from '../platform/http/signedRoutes.ts';
import { deliveryById, listDeliveries } from './deliveries.ts';
import { listReceived, listReceivers, type StoredReceiver, toldReceiver } from './receivers.ts';
import type { Webhooks } from './service.ts';
import { listWebhooks, type StoredWebhook, told } from './store.ts';

function actorOf({ principal }: EndpointCall): string {
  return `${principal.user} (${principal.tokenId})`;
}

const now = () => new Date().toISOString();

/** With the secret, which is shown this once. */
function withSecret(webhook: StoredWebhook) {
  return { ...told(webhook, now()), secret: webhook.secrets[0]?.secret ?? '' };
}
function receiverWithSecret(receiver: StoredReceiver) {
  return { ...toldReceiver(receiver, now()), secret: receiver.secrets[0]?.secret ?? '' };
}

function published() {
  return (Object.keys(webhookEventTypes) as WebhookEventType[]).map((type) => ({
    type,
    summary: webhookEventTypes[type].summary,
    schema: z.toJSONSchema(webhookBodySchema(type)) as Record<string, unknown>,
  }));
}

/** The endpoints of `/api/v1/integration/webhook`. */
export function webhookHandlers(
  webhooks: Webhooks,
): Pick<EndpointHandlers, keyof typeof webhookEndpoints> {
  const { read } = webhooks.database;
  return {
    async listWebhookEventTypes() {
      return { event_types: published() };
    },
    async listWebhooks() {
      return { webhooks: (await listWebhooks(read)).map((one) => told(one, now())) };
    },
    async createWebhook(input, call) {
      const made = await webhooks.create(input, actorOf(call));
      call.answerWith(201);
      return withSecret(made);
    },
    async getWebhook({ endpoint_id }) {
      return told(await webhooks.get(endpoint_id), now());
    },
    async updateWebhook({ endpoint_id, ...patch }, call) {
      return told(await webhooks.update(endpoint_id, patch, actorOf(call)), now());
    },
    async deleteWebhook({ endpoint_id }, call) {
      return { deleted: await webhooks.remove(endpoint_id, actorOf(call)) };
    },
    async rotateWebhookSecret({ endpoint_id, overlap_hours }, call) {
      return withSecret(await webhooks.rotate(endpoint_id, overlap_hours, actorOf(call)));
    },
    testWebhook: ({ endpoint_id }, call) => webhooks.test(endpoint_id, call.signal),
    async replayWebhook({ endpoint_id, ...period }) {
      return { replayed: await webhooks.replayPeriod(endpoint_id, period) };
    },
    listDeliveries: (input) => listDeliveries(read, input),
    getDelivery: ({ delivery_id }) => deliveryById(read, delivery_id),
    replayDelivery: ({ delivery_id }) => webhooks.replay(delivery_id),
    async listReceivers() {
      return { receivers: (await listReceivers(read)).map((one) => toldReceiver(one, now())) };
    },
    async createReceiver({ name }, call) {
      const made = await webhooks.createReceiver(name, actorOf(call));
      call.answerWith(201);
      return receiverWithSecret(made);
    },
    async rotateReceiverSecret({ receiver_id, overlap_hours }, call) {
      return receiverWithSecret(
        await webhooks.rotateReceiver(receiver_id, overlap_hours, actorOf(call)),
      );
    },
    async deleteReceiver({ receiver_id }, call) {
      return { deleted: await webhooks.removeReceiver(receiver_id, actorOf(call)) };
    },
    listReceived: (input) => listReceived(read, input),
  };
}

/** Where events come in: `/api/v1/integration/webhook/in/{receiver_id}`. */
export function webhooksIn(webhooks: Webhooks): SignedRoute {
  return {
    path: SIGNED_PATH,
    maxBodyBytes: MAX_RECEIVED_BYTES,
    handle: (receiverId, bytes, header) =>
      webhooks.receive({
        ...{ receiverId, bytes, id: header('webhook-id') },
        ...{ timestamp: header('webhook-timestamp'), signature: header('webhook-signature') },
      }),
  };
}
