import type { RequestInit, Response } from 'undici';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { addressOf } from './addresses.ts';
import { Agents, type Guarded, type Resolve } from './agents.ts';
import { AddressRefused, refusalIn } from './refusal.ts';
import { TimeLimit } from './timed.ts';

export type GuardOptions = {
  /** Hosts, addresses and ranges beside those of the open internet that may be connected to. */
  allow: readonly string[];
  timeoutMs: number;
  signal?: AbortSignal | undefined;
};

export type GuardedInit = Omit<RequestInit, 'dispatcher' | 'redirect' | 'signal'>;
export type GuardedFetch = (
  url: string | URL,
  init: GuardedInit,
  options: GuardOptions,
) => Promise<Response>;

/**
 * Checks an address as it is written, before anything is sent.
 * @throws TurnkeepError `invalid_request` for what is no address over HTTP or holds a password,
 *   `refused` for a literal address that is not allowed.
 */
function checkedUrl(given: string | URL, { allow }: Guarded): URL {
  const text = String(given);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new TurnkeepError('invalid_request', 'The address is none of http or https.');
  }
  if (url.username || url.password) {
    throw new TurnkeepError('invalid_request', 'The address holds a name or password.');
  }
  const { hostname } = url;
  const isLiteral = hostname.startsWith('[') || addressOf(hostname) !== null;
  if (isLiteral && !allow.allows(hostname, hostname)) throw new AddressRefused(hostname, null);
  return url;
}

/**
 * Makes a `fetch` that connects to the open internet and to what is allowed by name, and to nothing
 * else. It follows no redirect: the answer is the redirect itself. The time is that of the answer's
 * headers and of its body. It throws `refused` for an address that is not allowed, `timed_out`,
 * `invalid_request`; else what undici's `fetch` throws when nobody answers.
 */
export function makeGuardedFetch(resolve?: Resolve): {
  fetch: GuardedFetch;
  close: () => Promise<void>;
} {
  const agents = new Agents(resolve);
  const guardedFetch: GuardedFetch = async (given, init, { allow, timeoutMs, signal }) => {
    const { outbound } = await import('../outbound.ts');
    const guarded = agents.of(allow, outbound);
    const url = checkedUrl(given, guarded);
    signal?.throwIfAborted();
    const limit = new TimeLimit(timeoutMs, signal, () => tooLate(url, timeoutMs));
    try {
      const response = await outbound.fetch(url, {
        ...init,
        redirect: 'manual',
        dispatcher: guarded.agent,
        signal: limit.signal,
      });
      const { body, status, statusText, headers } = response;
      if (body === null) {
        limit.end();
        return response;
      }
      return new outbound.Response(limit.over(body), { status, statusText, headers });
    } catch (thrown) {
      limit.end();
      throw limit.signal.aborted ? limit.signal.reason : (refusalIn(thrown) ?? thrown);
    }
  };
  return { fetch: guardedFetch, close: () => agents.close() };
}

function tooLate({ host }: URL, ms: number): TurnkeepError {
  return new TurnkeepError('timed_out', `${host} did not answer within ${ms} ms.`);
}
