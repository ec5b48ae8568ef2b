import { TurnkeepError } from '../../../contracts/errors.ts';
import type { ExternalCall } from '../../../contracts/integrationCalls.ts';
import type { HttpMethod } from '../../../contracts/integrationPolicy.ts';

/** Where a call goes: `path` is what is under the base, as the policy looks at it. */
export type Target = { base: URL; url: URL; path: string; method: HttpMethod };

function invalid(path: string, message: string): TurnkeepError {
  return new TurnkeepError('invalid_request', message, { fields: [{ path, message }] });
}

/**
 * Where a call goes.
 * @throws TurnkeepError `invalid_request` for a path that leads out of the base.
 */
export function targetOf(base_url: string, call: ExternalCall): Target {
  const base = new URL(base_url);
  const given = call.path ?? '';
  const text = `${base_url}${given}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const under = base.pathname.replace(/\/$/, '');
  const isInside =
    url?.origin === base.origin && (url.pathname === under || url.pathname.startsWith(`${under}/`));
  if (!url || !isInside) {
    throw invalid('path', 'The path leads out of the address of the integration.');
  }
  for (const [name, value] of Object.entries(call.query ?? {})) {
    url.searchParams.append(name, String(value));
  }
  const path = url.pathname.slice(under.length);
  return { base, url, path, method: methodOf(call) };
}

function methodOf({ method, body }: ExternalCall): HttpMethod {
  const wanted = method ?? (body === undefined ? 'GET' : 'POST');
  if (body !== undefined && (wanted === 'GET' || wanted === 'HEAD')) {
    throw invalid('body', `${wanted} has no body: leave it out, or name another method.`);
  }
  return wanted;
}
