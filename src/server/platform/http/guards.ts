import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, Next } from 'hono';
import { TurnkeepError } from '../../../contracts/errors.ts';

const LOOPBACK_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]']);

function hostName(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}

/**
 * Refuses a request that did not mean this server: a foreign `Host` (DNS rebinding) and any
 * `Origin` (a page in a browser; programs send none).
 */
export function guardHostAndOrigin() {
  return async (c: Context, next: Next) => {
    const host = c.req.header('host');
    if (!host || !LOOPBACK_NAMES.has(hostName(host))) {
      throw new TurnkeepError(
        'forbidden',
        'The Host header does not name this machine. Use http://127.0.0.1 with the port of `turnkeep status`.',
      );
    }
    if (c.req.header('origin') !== undefined) {
      throw new TurnkeepError(
        'forbidden',
        'Requests from web pages (with an Origin header) are refused. Call from a program.',
      );
    }
    await next();
  };
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Refuses a request without the home's token in `Authorization: Bearer` or `X-API-Key`. */
export function guardToken(token: string) {
  const expected = digest(token);
  return async (c: Context, next: Next) => {
    const bearer = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    const given = bearer ?? c.req.header('x-api-key');
    if (!given) {
      throw new TurnkeepError(
        'unauthenticated',
        'No token. Send "Authorization: Bearer TOKEN" or "X-API-Key: TOKEN"; `turnkeep token --show` prints it.',
      );
    }
    if (!timingSafeEqual(digest(given), expected)) {
      throw new TurnkeepError(
        'unauthenticated',
        "The token is not this server's. `turnkeep token --show` prints the right one.",
      );
    }
    await next();
  };
}

/** Refuses a body that is not declared as JSON: a cross-site form cannot declare that. */
export function guardJsonBody() {
  return async (c: Context, next: Next) => {
    if (c.req.method === 'POST' || c.req.method === 'PUT' || c.req.method === 'PATCH') {
      const type = (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
      if (type !== 'application/json') {
        throw new TurnkeepError(
          'unsupported_media_type',
          'The body must be sent with "Content-Type: application/json".',
        );
      }
    }
    await next();
  };
}
