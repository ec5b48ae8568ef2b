import { createHash } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Database } from '../database/database.ts';
import { protectJson } from '../redaction/service.ts';
import { findReceiver } from './receivers.ts';
import { goodSecrets, type SigningSecret } from './secrets.ts';

/** What came in: the bytes as they were sent, and the three headers that sign them. */
export type Incoming = {
  receiverId: string;
  bytes: Uint8Array;
  id: string | undefined;
  timestamp: string | undefined;
  signature: string | undefined;
};

const ID = /^[\x21-\x2d\x2f-\x7e]{1,200}$/;

/** The same for every fault: whoever guesses learns nothing. */
function refused(): TurnkeepError {
  return new TurnkeepError(
    'unauthenticated',
    'There is no such receiver, or the signature is not good: it is of other bytes, of another secret, or more than five minutes old.',
  );
}

/** Whether one of the secrets has signed these bytes, not long ago. */
function isSigned(
  secrets: readonly SigningSecret[],
  payload: string,
  headers: Record<string, string>,
): boolean {
  return secrets.some(({ secret }) => {
    try {
      new Webhook(secret).verify(payload, headers, { jsonParse: false });
      return true;
    } catch {
      return false;
    }
  });
}

/** The text of bytes that are UTF-8 to the letter: what else would be signed is not what came. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refused();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TurnkeepError('invalid_json', 'The event is not JSON.');
  }
}

/**
 * Keeps an event that came in, once: signature and age are checked on the bytes as they were sent,
 * and an event that came before changes nothing. Secrets in it are redacted.
 * @throws TurnkeepError `unauthenticated`, `invalid_json`.
 */
export async function receive(
  database: Database,
  { receiverId, bytes, id = '', timestamp = '', signature = '' }: Incoming,
  now: Date,
): Promise<{ event_id: string; duplicate: boolean }> {
  const receiver = await findReceiver(database.read, receiverId);
  const secrets = receiver?.enabled ? goodSecrets(receiver.secrets, now.toISOString()) : [];
  const text = textOf(bytes);
  const headers = {
    ...{ 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature },
  };
  const isWellFormed = ID.test(id) && /^\d{1,12}$/.test(timestamp);
  if (!isWellFormed || !isSigned(secrets, text, headers)) throw refused();
  const payload = protectJson(parsed(text)).value;
  // The sender chose the id: a digest of it has a length that is known.
  const digest = createHash('sha256').update(id).digest('base64url');
  const received_id = `${receiverId}.${digest}`;
  return database.write(async (tx) => {
    const before = await tx.read
      .selectFrom('webhook_received')
      .select('received_id')
      .where('received_id', '=', received_id)
      .executeTakeFirst();
    if (before) return { event_id: id, duplicate: true };
    const data = JSON.stringify({ event_id: id, payload });
    const at = now.toISOString();
    await tx.insert('webhook_received', [{ received_id, receiver_id: receiverId, at, data }]);
    return { event_id: id, duplicate: false };
  });
}
