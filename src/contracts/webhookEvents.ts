import { z } from 'zod';

/* What can be told to webhooks. The schemas are those of `data`, and are published. */

const id = z.string();
const when = z.string().meta({ format: 'date-time' });
const chosen = 'Only when the endpoint chose this field.';

/** Fields that hold what was said, or names that a person gave: sent when an endpoint chose them. */
export const TEXT_FIELDS = ['query', 'response', 'title', 'project'] as const;
export type TextField = (typeof TEXT_FIELDS)[number];

const turnCaptured = z.object({
  turn_id: id,
  session_id: id,
  thread_id: id.nullable(),
  project_id: id,
  change: z
    .enum(['added', 'completed'])
    .describe('Whether the turn is new, or a stored one got an answer or more of it.'),
  answered: z.boolean(),
  agent: z.string().nullable().describe('The agent or editor, when it is known.'),
  model: z.string().nullable(),
  provenance: z.string().describe('How it was captured.'),
  query_characters: z.number().int(),
  response_characters: z.number().int(),
  captured_at: when,
  deleted: z
    .boolean()
    .optional()
    .describe('The turn, or the session, was deleted before this was sent: there is no text.'),
  query: z.string().nullable().optional().describe(chosen),
  response: z.string().nullable().optional().describe(chosen),
  title: z.string().nullable().optional().describe(`Of the session. ${chosen}`),
  project: z.string().nullable().optional().describe(`Its name. ${chosen}`),
});

const sessionClosed = z.object({
  session_id: id,
  project_id: id,
  reason: z.enum(['closed', 'idle']),
  agent: z.string().nullable(),
  turn_count: z.number().int(),
  message_count: z.number().int(),
  created_at: when,
  closed_at: when,
  deleted: z.boolean().optional(),
  title: z.string().nullable().optional().describe(chosen),
  project: z.string().nullable().optional().describe(`Its name. ${chosen}`),
});

const health = z.object({
  integration_id: id,
  name: z.string(),
  before: z.string(),
  after: z.string(),
  error: z.string().nullable(),
  since: when,
});

const violation = z.object({
  model_id: id,
  threshold_id: id,
  metric: z.string(),
  direction: z.enum(['floor', 'ceiling']),
  threshold: z.number(),
  value: z.number().nullable(),
  samples: z.number().int().nullable().describe('Null for a metric that was given.'),
});

const webhookDisabled = z.object({
  endpoint_id: id,
  name: z.string(),
  reason: z.string(),
  failing_since: when.nullable(),
});

/** Every type of event, with what its `data` is. */
export const webhookEventTypes = {
  'turn.captured': {
    summary: 'A turn was stored, or a stored one got its answer or more of it.',
    data: turnCaptured,
  },
  'session.closed': {
    summary: 'A session was closed, by the person or after it had been idle.',
    data: sessionClosed,
  },
  'integration.unhealthy': {
    summary: 'A connected system is down or degraded.',
    data: health,
  },
  'integration.recovered': {
    summary: 'A connected system that was down or degraded is healthy again.',
    data: health,
  },
  'model.violation': {
    summary: 'A model does not keep a threshold that is set for it.',
    data: violation,
  },
  'model.recovered': {
    summary: 'A model keeps a threshold again that it did not keep.',
    data: violation,
  },
  'webhook.disabled': {
    summary:
      'An endpoint was switched off because it failed for too long, or said that it is gone.',
    data: webhookDisabled,
  },
  'webhook.test': {
    summary: 'A person tries an endpoint. It is sent to that endpoint alone, and once.',
    data: z.object({ message: z.string() }),
  },
} as const;

export type WebhookEventType = keyof typeof webhookEventTypes;
export const WEBHOOK_EVENT_TYPES = Object.keys(webhookEventTypes) as WebhookEventType[];
export type WebhookData<T extends WebhookEventType> = z.infer<
  (typeof webhookEventTypes)[T]['data']
>;

/** The body of every delivery; its `id` is also the header `webhook-id`. */
export function webhookBodySchema(type: WebhookEventType) {
  return z.object({
    id: z.string().describe('The same at every attempt: what came before is known by it.'),
    type: z.literal(type),
    timestamp: when.describe('When it happened.'),
    data: webhookEventTypes[type].data
      .partial()
      .describe('Those fields that the endpoint gets, see its `fields`.'),
  });
}
