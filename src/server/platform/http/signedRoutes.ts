import type { Hono } from 'hono';
import { readBytes } from './body.ts';
import { succeed, type Variables } from './envelope.ts';
import { guardJsonBody } from './guards.ts';

/**
 * A route whose requests are signed, where others carry a token: their senders are no users of this
 * server. `handle` gets the bytes as they came and has to check the signature itself, before it does
 * anything else; what it throws is the answer.
 */
export type SignedRoute = {
  /** As `/openapi.json` writes it, with one `{name}` at its end. */
  path: `/api/v1/${string}/{${string}}`;
  maxBodyBytes: number;
  handle(
    id: string,
    bytes: Uint8Array,
    header: (name: string) => string | undefined,
  ): Promise<unknown>;
};

/**
 * Registers signed routes. To be called behind the guards that every request goes through and before
 * the check of the token.
 * @param count counts a request of a route, and throws `rate_limited` when there are too many
 */
export function registerSigned(
  app: Hono<{ Variables: Variables }>,
  routes: readonly SignedRoute[],
  count: (route: string) => Promise<void>,
): void {
  for (const { path, maxBodyBytes, handle } of routes) {
    const name = /\{(\w+)\}$/.exec(path)?.[1] ?? '';
    app.post(path.replace(/\{\w+\}$/, `:${name}`), async (c) => {
      c.set('route', path);
      await count(path);
      guardJsonBody(c);
      const bytes = await readBytes(c.req.raw, maxBodyBytes);
      return succeed(c, await handle(c.req.param(name) ?? '', bytes, (name) => c.req.header(name)));
    });
  }
}
