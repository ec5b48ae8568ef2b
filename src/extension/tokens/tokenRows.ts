import type { ListedToken } from '../../contracts/authTools.ts';
import { ago, oneLine } from '../pages/plainText.ts';

const DAY_MS = 86_400_000;

export type TokenRow = { label: string; description: string; detail: string; token: ListedToken };

/** Tokens as rows of a list: good ones first, those used last at the top. */
export function tokenRows(tokens: ListedToken[], now = Date.now()): TokenRow[] {
  const isGood = ({ revoked_at }: ListedToken) => revoked_at === null;
  const at = ({ last_used_at, issued_at }: ListedToken) => last_used_at ?? issued_at;
  return tokens
    .toSorted((a, b) => Number(isGood(b)) - Number(isGood(a)) || at(b).localeCompare(at(a)))
    .map((token) => ({
      label: `${isGood(token) ? '$(key)' : '$(circle-slash)'} ${oneLine(token.name, 60)}`,
      description: stateOf(token, now),
      detail: token.permissions.join(', '),
      token,
    }));
}

function stateOf({ revoked_at, last_used_at, expires_at }: ListedToken, now: number): string {
  if (revoked_at) return `revoked ${ago(revoked_at, now)}`;
  const used = last_used_at
    ? `used ${ago(last_used_at, now)}`
    : 'not used since the server started';
  const days = Math.floor((Date.parse(expires_at) - now) / DAY_MS);
  const end = days < 1 ? 'expires today' : `expires in ${days === 1 ? '1 day' : `${days} days`}`;
  return `${used} · ${end}`;
}
