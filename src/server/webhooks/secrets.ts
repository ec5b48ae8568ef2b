import { randomBytes } from 'node:crypto';

/** What signs, newest first; those before it are good until `ends_at` (ISO 8601). */
export type SigningSecret = { secret: string; created_at: string; ends_at: string | null };

const SECRET_BYTES = 32;
const HOUR_MS = 3_600_000;

/** A new secret as Standard Webhooks writes them. */
export function newSecret(at: string): SigningSecret {
  const secret = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
  return { secret, created_at: at, ends_at: null };
}

/** Those that are good at a time, newest first. */
export function goodSecrets(secrets: readonly SigningSecret[], at: string): SigningSecret[] {
  const now = Date.parse(at);
  return secrets.filter(({ ends_at }) => ends_at === null || Date.parse(ends_at) > now);
}

/** The secrets with a new one before them; those before are good for so many hours at most. */
export function rotated(
  secrets: readonly SigningSecret[],
  overlapHours: number,
  at: string,
): SigningSecret[] {
  const end = new Date(Date.parse(at) + overlapHours * HOUR_MS).toISOString();
  const before = goodSecrets(secrets, at).map((one) => ({
    ...one,
    ends_at: one.ends_at !== null && Date.parse(one.ends_at) < Date.parse(end) ? one.ends_at : end,
  }));
  return [newSecret(at), ...goodSecrets(before, at)];
}

/** What may be told of secrets. */
export function withoutText(secrets: readonly SigningSecret[], at: string) {
  return goodSecrets(secrets, at).map(({ created_at, ends_at }) => ({ created_at, ends_at }));
}
