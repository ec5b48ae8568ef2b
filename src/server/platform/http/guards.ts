import { TurnkeepError } from '../../../contracts/errors.ts';
import type { AppContext } from './endpoint.ts';

const LOOPBACK_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]']);
/** Names of query parameters that callers put secrets into; URLs are logged and kept everywhere. */
const SECRET_NAMES =
  /^(((access|id|refresh)[-_]?)?token|auth(orization)?|(x[-_])?api[-_]?key|bearer|jwt|secret|password)$/i;
const METHOD_OVERRIDES = ['x-http-method-override', 'x-http-method', 'x-method-override'];

/** A name or address, with a port or without; nothing else is a `Host` that we are called by. */
function hostName(host: string): string {
  return host.replace(/:\d{1,5}$/, '').toLowerCase();
}

function forbidden(message: string): TurnkeepError {
  return new TurnkeepError('forbidden', message);
}

/**
 * Refuses a request that did not mean this server or that no program of ours would send: a foreign
 * `Host` (DNS rebinding), an `Origin` beside our own documentation's (a page; programs send none),
 * another method than the one of the request line, a token in the address.
 */
export function guardRequest(c: AppContext): void {
  const host = c.req.header('host');
  if (!host || !LOOPBACK_NAMES.has(hostName(host))) {
    throw forbidden(
      'The Host header does not name this machine. Use http://127.0.0.1 with the port of `turnkeep status`.',
    );
  }
  const origin = c.req.header('origin');
  const isOwn = origin === undefined || origin === `http://${host.toLowerCase()}`;
  if (!isOwn || isFromPage(c.req.header('sec-fetch-site'))) {
    throw forbidden(
      'Requests from web pages (with an Origin header) are refused. Call from a program.',
    );
  }
  if (METHOD_OVERRIDES.some((name) => c.req.header(name) !== undefined)) {
    throw new TurnkeepError(
      'invalid_request',
      'A header overrides the method. Send the request with the method that is meant.',
    );
  }
  const query = c.req.queries();
  c.set('query', query);
  const secret = Object.keys(query).find((name) => SECRET_NAMES.test(name));
  if (secret !== undefined) {
    throw new TurnkeepError(
      'invalid_request',
      `The address has a parameter "${secret.slice(0, 40)}": addresses are kept in histories and logs. Send the token as "Authorization: Bearer TOKEN", and make another one if this one was real.`,
    );
  }
}

/** Browsers tell where a request comes from; `none` is an address that the person typed in. */
function isFromPage(site: string | undefined): boolean {
  return site !== undefined && site !== 'none' && site !== 'same-origin';
}

/** Refuses a body that is not declared as JSON: a cross-site form cannot declare that. */
export function guardJsonBody(c: AppContext): void {
  const { method } = c.req;
  if (method === 'POST' || method === 'PUT' || method === 'PATCH') {
    const type = (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
    if (type !== 'application/json') {
      throw new TurnkeepError(
        'unsupported_media_type',
        'The body must be sent with "Content-Type: application/json".',
      );
    }
  }
  if (c.req.header('content-encoding') !== undefined) {
    throw new TurnkeepError(
      'unsupported_media_type',
      'The body must be sent as it is, without a Content-Encoding.',
    );
  }
}
