import { z } from 'zod';
import { TurnkeepError } from '../../contracts/errors.ts';
import { type Received, type Receiver, SIGNED_PATH } from '../../contracts/webhooks.ts';
import type { WriteTransaction } from '../database/database.ts';
import { decodeCursor, encodeCursor } from '../platform/cursor.ts';
import { uuidv7 } from '../platform/ids.ts';
import { newSecret, rotated, type SigningSecret, withoutText } from './secrets.ts';
import type { Read } from './store.ts';

export type StoredReceiver = Omit<Receiver, 'secrets' | 'path'> & { secrets: SigningSecret[] };

function rowsOf(read: Read) {
  return read
    .selectFrom('webhook_receivers')
    .select(['receiver_id', 'name', 'secrets', 'enabled', 'created_at', 'updated_at']);
}

/** What may be told of a receiver. */
export function toldReceiver({ secrets, ...receiver }: StoredReceiver, now: string): Receiver {
  const path = SIGNED_PATH.replace('{receiver_id}', receiver.receiver_id);
  return { ...receiver, path, secrets: withoutText(secrets, now) };
}

/** The receivers, oldest first. */
export function listReceivers(read: Read): Promise<StoredReceiver[]> {
  return rowsOf(read).orderBy('created_at').orderBy('receiver_id').execute();
}

export function findReceiver(read: Read, id: string): Promise<StoredReceiver | undefined> {
  return rowsOf(read).where('receiver_id', '=', id).executeTakeFirst();
}

/** @throws TurnkeepError `not_found`. */
async function receiverById(read: Read, id: string): Promise<StoredReceiver> {
  const found = await findReceiver(read, id);
  if (found) return found;
  throw new TurnkeepError(
    'not_found',
    `There is no receiver ${id}. See \`turnkeep webhooks receivers list\`.`,
  );
}

/** Makes a receiver. */
export async function createReceiver(
  tx: WriteTransaction,
  name: string,
  at: string,
): Promise<StoredReceiver> {
  const receiver_id = uuidv7();
  const secrets = JSON.stringify([newSecret(at)]);
  const times = { created_at: at, updated_at: at };
  await tx.insert('webhook_receivers', [
    { receiver_id, name, secrets, settings: '{}', enabled: true, ...times },
  ]);
  return receiverById(tx.read, receiver_id);
}

/** Puts a new secret before the others. @throws TurnkeepError `not_found`. */
export async function rotateReceiver(
  tx: WriteTransaction,
  id: string,
  overlapHours: number,
  at: string,
): Promise<StoredReceiver> {
  const { secrets } = await receiverById(tx.read, id);
  const set = { secrets: JSON.stringify(rotated(secrets, overlapHours, at)), updated_at: at };
  await tx.update('webhook_receivers', { receiver_id: id }, set);
  return receiverById(tx.read, id);
}

/** Forgets a receiver with what it has received. False when there was none. */
export async function deleteReceiver(tx: WriteTransaction, id: string): Promise<boolean> {
  const gone = await tx.delete('webhook_receivers', 'receiver_id', [id]);
  if (gone > 0) await tx.delete('webhook_received', 'receiver_id', [id]);
  return gone > 0;
}

const place = z.object({ at: z.string(), id: z.string() });

/** Events that came in, newest first, by pages of `limit` (50). */
export async function listReceived(
  read: Read,
  filter: {
    receiver_id?: string | undefined;
    limit?: number | undefined;
    cursor?: string | undefined;
  },
): Promise<{ received: Received[]; next_cursor: string | null }> {
  const { receiver_id, limit = 50, cursor } = filter;
  const after = decodeCursor(place, cursor);
  let query = read.selectFrom('webhook_received').selectAll();
  if (receiver_id !== undefined) query = query.where('receiver_id', '=', receiver_id);
  if (after) {
    query = query.where((eb) =>
      eb.or([
        eb('at', '<', after.at),
        eb.and([eb('at', '=', after.at), eb('received_id', '<', after.id)]),
      ]),
    );
  }
  const rows = await query
    .orderBy('at', 'desc')
    .orderBy('received_id', 'desc')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    received: page.map(({ data, ...row }) => ({
      ...row,
      event_id: String(data.event_id),
      payload: data.payload,
    })),
    next_cursor: last ? encodeCursor({ at: last.at, id: last.received_id }) : null,
  };
}
