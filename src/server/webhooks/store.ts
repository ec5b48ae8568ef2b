import type { z } from 'zod';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Webhook, webhookFields, webhookPatchFields } from '../../contracts/webhooks.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import { uuidv7 } from '../platform/ids.ts';
import { outboxOf } from './outbox.ts';
import { newSecret, rotated, type SigningSecret, withoutText } from './secrets.ts';

type Fields<S extends Record<string, z.ZodType>> = z.infer<z.ZodObject<S>>;
export type WebhookInput = Fields<typeof webhookFields>;
export type WebhookPatch = Fields<typeof webhookPatchFields>;
export type Read = Database['read'] | WriteTransaction['read'];

/** An endpoint with what signs. */
export type StoredWebhook = Omit<Webhook, 'secrets'> & { secrets: SigningSecret[] };

function rowsOf(read: Read) {
  return read.selectFrom('webhook_endpoints').selectAll();
}

/** The endpoints, oldest first. */
export function listWebhooks(read: Read): Promise<StoredWebhook[]> {
  return rowsOf(read).orderBy('created_at').orderBy('endpoint_id').execute();
}

/** @throws TurnkeepError `not_found`. */
export async function webhookById(read: Read, id: string): Promise<StoredWebhook> {
  const row = await rowsOf(read).where('endpoint_id', '=', id).executeTakeFirst();
  if (row) return row;
  throw new TurnkeepError(
    'not_found',
    `There is no webhook ${id}. See \`turnkeep webhooks list\`.`,
  );
}

/** What may be told of an endpoint: when its secrets were made, not what they are. */
export function told({ secrets, ...webhook }: StoredWebhook, now: string): Webhook {
  return { ...webhook, secrets: withoutText(secrets, now) };
}

/** This computer itself: nothing leaves it. */
const THIS_COMPUTER = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** @throws TurnkeepError `invalid_request` for plain http to another computer, unless allowed. */
function checkAddress(url: string, { allow_http }: { allow_http?: boolean | undefined }): void {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || allow_http === true || THIS_COMPUTER.test(hostname)) return;
  const message =
    'Plain http to another computer lets others read what is sent. Use https, or set `settings.allow_http` if the way is safe.';
  throw new TurnkeepError('invalid_request', message, { fields: [{ path: 'url', message }] });
}

function noteChange(tx: WriteTransaction): void {
  const outbox = outboxOf(tx.owner);
  tx.afterCommit(() => {
    outbox.changed();
    outbox.wake();
  });
}

/** Makes an endpoint. @throws TurnkeepError `invalid_request`. */
export async function createWebhook(
  tx: WriteTransaction,
  { name, url, event_types, integration_id = null, settings = {}, enabled = true }: WebhookInput,
  at: string,
): Promise<StoredWebhook> {
  checkAddress(url, settings);
  const endpoint_id = uuidv7();
  await tx.insert('webhook_endpoints', [
    {
      ...{ endpoint_id, integration_id, name, url, enabled, created_at: at, updated_at: at },
      event_types: JSON.stringify([...new Set(event_types)]),
      settings: JSON.stringify(settings),
      secrets: JSON.stringify([newSecret(at)]),
      ...{ failing_since: null, disabled_reason: null },
    },
  ]);
  noteChange(tx);
  return webhookById(tx.read, endpoint_id);
}

/** Changes what is given. @throws TurnkeepError `not_found`, `invalid_request`. */
export async function updateWebhook(
  tx: WriteTransaction,
  id: string,
  { event_types, settings, enabled, name, url, integration_id }: WebhookPatch,
  at: string,
): Promise<StoredWebhook> {
  const before = await webhookById(tx.read, id);
  checkAddress(url ?? before.url, settings ?? before.settings);
  await tx.update(
    'webhook_endpoints',
    { endpoint_id: id },
    {
      ...(name === undefined ? {} : { name }),
      ...(url === undefined ? {} : { url }),
      ...(integration_id === undefined ? {} : { integration_id }),
      ...(event_types ? { event_types: JSON.stringify([...new Set(event_types)]) } : {}),
      ...(settings ? { settings: JSON.stringify(settings) } : {}),
      // Switched on by a person it begins anew.
      ...(enabled === undefined ? {} : { enabled, disabled_reason: null, failing_since: null }),
      updated_at: at,
    },
  );
  if (enabled === false) await failPending(tx, id, at);
  noteChange(tx);
  return webhookById(tx.read, id);
}

/** What waits for an endpoint that is switched off does not wait any more; a replay sends it. */
async function failPending(tx: WriteTransaction, endpoint_id: string, at: string): Promise<void> {
  await tx.update(
    'webhook_deliveries',
    { endpoint_id, status: 'pending' },
    { status: 'failed', next_at: null, claimed_by: null, claimed_until: null, updated_at: at },
  );
}

/** Switches an endpoint off by itself. */
export async function disableWebhook(
  tx: WriteTransaction,
  id: string,
  reason: string,
  at: string,
): Promise<void> {
  await tx.update(
    'webhook_endpoints',
    { endpoint_id: id },
    { enabled: false, disabled_reason: reason, updated_at: at },
  );
  await failPending(tx, id, at);
  noteChange(tx);
}

/** Forgets an endpoint with its deliveries. False when there was none. */
export async function deleteWebhook(tx: WriteTransaction, id: string): Promise<boolean> {
  const gone = await tx.delete('webhook_endpoints', 'endpoint_id', [id]);
  if (gone === 0) return false;
  await tx.delete('webhook_deliveries', 'endpoint_id', [id]);
  noteChange(tx);
  return true;
}

/** Puts a new secret before the others. @throws TurnkeepError `not_found`. */
export async function rotateWebhook(
  tx: WriteTransaction,
  id: string,
  overlapHours: number,
  at: string,
): Promise<StoredWebhook> {
  const { secrets } = await webhookById(tx.read, id);
  const now = rotated(secrets, overlapHours, at);
  await tx.update(
    'webhook_endpoints',
    { endpoint_id: id },
    { secrets: JSON.stringify(now), updated_at: at },
  );
  return webhookById(tx.read, id);
}
