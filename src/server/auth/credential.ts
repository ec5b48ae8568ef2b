import type { TokenFault } from '../../contracts/authTools.ts';
import { TurnkeepError } from '../../contracts/errors.ts';

/** For people: what is wrong with a token, and what to do. */
export const faultMessages: Record<TokenFault, string> = {
  malformed: "The token is not this server's. `turnkeep token --show` prints the right one.",
  unknown: "The token is not this server's. `turnkeep token --show` prints the right one.",
  not_yet: 'The token is not valid yet. Look at the clock of this machine, or use another token.',
  expired: 'The token has expired. `turnkeep auth issue` makes another one.',
  revoked: 'The token was revoked. `turnkeep auth issue` makes another one.',
};

/**
 * The token that a request carries.
 * @throws TurnkeepError `unauthenticated` without a token, or with two that differ.
 */
export function credentialIn(headers: Headers): string {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1];
  const key = headers.get('x-api-key')?.trim();
  if (bearer && key && bearer !== key) {
    throw new TurnkeepError(
      'unauthenticated',
      'Authorization and X-API-Key name different tokens. Send one of them.',
    );
  }
  const given = bearer || key;
  if (given) return given;
  throw new TurnkeepError(
    'unauthenticated',
    'No token. Send "Authorization: Bearer TOKEN" or "X-API-Key: TOKEN"; `turnkeep token --show` prints it.',
  );
}
