import type { WebhookEventsTable } from '../database/schemaOfIntegrations.ts';
import type { Read, StoredWebhook } from './store.ts';
import { chosenText, textsOf } from './text.ts';

export type StoredEvent = Pick<WebhookEventsTable, 'event_id' | 'event_type' | 'at'> & {
  data: Record<string, unknown>;
};

/** The body of an event for an endpoint: the fields that it has chosen, and text only if named. */
export async function bodyFor(
  read: Read,
  { event_id, event_type, at, data }: StoredEvent,
  { settings: { fields } }: Pick<StoredWebhook, 'settings'>,
): Promise<string> {
  const texts = await textsOf(read, data, chosenText(fields));
  const figures = fields
    ? Object.fromEntries(Object.entries(data).filter(([name]) => fields.includes(name)))
    : data;
  const all = { ...figures, ...texts };
  return JSON.stringify({ id: event_id, type: event_type, timestamp: at, data: all });
}
