import { Webhook } from 'standardwebhooks';
import { goodSecrets, type SigningSecret } from './secrets.ts';

/**
 * The headers of a body, signed with every secret that is good, so that a receiver may change to the
 * new one when it likes.
 * @param id no "." in it: it parts what is signed
 */
export function signedHeaders(
  secrets: readonly SigningSecret[],
  id: string,
  at: Date,
  body: string,
): Record<string, string> {
  const good = goodSecrets(secrets, at.toISOString());
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': good.map(({ secret }) => new Webhook(secret).sign(id, at, body)).join(' '),
  };
}
