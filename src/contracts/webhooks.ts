import { z } from 'zod';
import { shortText } from './shortText.ts';
import { WEBHOOK_EVENT_TYPES } from './webhookEvents.ts';

/* Endpoints that events are sent to, what became of each delivery, and receivers of events. */

/** Seconds between one attempt and the next, the first at once; each varies by a tenth. */
export const WEBHOOK_SCHEDULE_S = [0, 5, 300, 1800, 7200, 18_000, 36_000, 36_000] as const;
export const WEBHOOK_TIMEOUT_MS = 15_000;
/** An endpoint at which nothing has arrived for so long is switched off. */
export const WEBHOOK_DISABLED_AFTER_DAYS = 5;
/** Finished deliveries and their events are kept so long. */
export const WEBHOOK_KEPT_DAYS = 30;
export const DEFAULT_OVERLAP_HOURS = 24;

export const webhookIdSchema = z.uuid();
export const deliveryIdSchema = z
  .string()
  .regex(/^[0-9a-f-]{36}\.[0-9a-f-]{36}$/, 'The id of a delivery is expected.');

const eventTypeSchema = z.enum(['*', ...WEBHOOK_EVENT_TYPES]);
const fieldName = z.string().regex(/^[a-z][a-z_]{0,63}$/, 'The name of a field is expected.');
const scalar = z.union([z.string().max(500), z.number(), z.boolean(), z.null()]);
const headerName = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,100}$/, 'Letters, digits and - are expected.')
  .refine(
    (name) =>
      !/^(webhook-.*|host|connection|content-.*|transfer-encoding|expect|upgrade|cookie)$/i.test(
        name,
      ),
    'This header is set by Turnkeep itself.',
  );

export const webhookSettingsSchema = z.strictObject({
  fields: z
    .array(fieldName)
    .max(50)
    .optional()
    .describe(
      'Fields of `data` to send. Default: all but `query`, `response`, `title` and `project`: what was said leaves only when it is named here.',
    ),
  filter: z
    .record(fieldName, z.array(scalar).min(1).max(100))
    .optional()
    .describe('Only events whose fields have one of these values, for example a `project_id`.'),
  ordered: z
    .boolean()
    .optional()
    .describe('One at a time, in their order: one that fails holds up those after it.'),
  headers: z.record(headerName, z.string().regex(/^[\x20-\x7e]{0,1000}$/)).optional(),
  allow_http: z
    .boolean()
    .optional()
    .describe('Plain http to another computer: what is sent can be read on the way.'),
  allow_addresses: z
    .array(shortText(253))
    .max(50)
    .optional()
    .describe(
      'Addresses of this computer and of private networks that it may be at: a host, an address or a range.',
    ),
});
export type WebhookSettings = z.infer<typeof webhookSettingsSchema>;

const url = z
  .url({ protocol: /^https?$/ })
  .max(2000)
  .refine((text) => {
    // What is no address at all has been told by now, and comes here all the same.
    if (!URL.canParse(text)) return true;
    const { username, password, hash } = new URL(text);
    return username === '' && password === '' && hash === '';
  }, 'An address without a name, a password and "#" is expected.');
const name = shortText(200).regex(/^\P{Cc}+$/u, 'One line is expected.');

export const webhookFields = {
  name,
  url,
  event_types: z.array(eventTypeSchema).min(1).max(50).describe('`*` is every type.'),
  integration_id: shortText(64)
    .nullable()
    .optional()
    .describe('The connected system it belongs to.'),
  settings: webhookSettingsSchema.optional(),
  enabled: z.boolean().optional(),
};
export const webhookPatchFields = {
  name: name.optional(),
  url: url.optional(),
  event_types: webhookFields.event_types.optional(),
  integration_id: webhookFields.integration_id,
  settings: webhookSettingsSchema.optional().describe('In place of all that were there.'),
  enabled: z.boolean().optional(),
};

const signingKeySchema = z.object({
  created_at: z.string(),
  ends_at: z.string().nullable().describe('Null: the one in use. Else it is good until then.'),
});
export const webhookSchema = z.object({
  endpoint_id: z.string(),
  integration_id: z.string().nullable(),
  name: z.string(),
  url: z.string(),
  event_types: z.array(z.string()),
  settings: webhookSettingsSchema,
  enabled: z.boolean(),
  failing_since: z.string().nullable(),
  disabled_reason: z.string().nullable().describe('Why it was switched off by itself.'),
  secrets: z.array(signingKeySchema).describe('When they were made; never their text.'),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Webhook = z.infer<typeof webhookSchema>;
export const newWebhookSchema = webhookSchema.extend({
  secret: z.string().describe('What verifies the signature. Shown this once.'),
});

export type NewWebhook = z.infer<typeof newWebhookSchema>;

export const attemptSchema = z.object({
  at: z.string(),
  status: z.number().int().nullable().describe('Of HTTP; null when nothing answered.'),
  took_ms: z.number(),
  error: z.string().nullable(),
  response: z.string().nullable().describe('The begin of what was answered, of the last attempt.'),
});
export type Attempt = z.infer<typeof attemptSchema>;

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const;
export const deliverySchema = z.object({
  delivery_id: z.string(),
  endpoint_id: z.string(),
  event_id: z.string().describe('The header `webhook-id`.'),
  event_type: z.string(),
  status: z.enum(DELIVERY_STATUSES),
  attempts: z.number().int(),
  next_at: z.string().nullable(),
  last_attempt: attemptSchema.nullable(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Delivery = z.infer<typeof deliverySchema>;
export const deliveryDetailSchema = deliverySchema.extend({
  /** Newest first. */
  attempt_log: z.array(attemptSchema),
  data: z.record(z.string(), z.unknown()).describe('Ids and figures of the event, no text.'),
});
export type DeliveryDetail = z.infer<typeof deliveryDetailSchema>;

export const receiverSchema = z.object({
  receiver_id: z.string(),
  name: z.string(),
  path: z.string().describe('Where events are sent to, on the address of this server.'),
  enabled: z.boolean(),
  secrets: z.array(signingKeySchema),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Receiver = z.infer<typeof receiverSchema>;
export const newReceiverSchema = receiverSchema.extend({
  secret: z.string().describe('What the sender signs with. Shown this once.'),
});
export const receivedSchema = z.object({
  received_id: z.string(),
  receiver_id: z.string(),
  event_id: z.string(),
  at: z.string(),
  payload: z.unknown(),
});
export type Received = z.infer<typeof receivedSchema>;
/** Bytes of an event that comes in. */
export const MAX_RECEIVED_BYTES = 256 * 1024;

/** Where events come in. */
export const SIGNED_PATH = '/api/v1/integration/webhook/in/{receiver_id}';
export const receiptSchema = z.object({
  event_id: z.string(),
  duplicate: z.boolean().describe('It came before: nothing was done.'),
});
